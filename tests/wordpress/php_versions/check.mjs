// node check.mjs VERSION ROOT PHPUNIT_FOLDER FILE...
//
// Opens each FILE directly under that PHP (7.4, 8.0 …), then runs the PHPUnit tests of the plugin's pure classes,
// and prints {version, files: {file: what it printed}, tests: {printed, passed}} as JSON.
// ROOT and PHPUNIT_FOLDER (which holds PHPUnit/Autoload.php) are seen inside PHP under the same paths.

import { PHP, loadPHPRuntime } from '@php-wasm/universal';

const [version, root, phpunit, ...files] = process.argv.slice(2);
const { getPHPLoaderModule } = await import(`@php-wasm/node-${version.replace('.', '-')}`);
const php = new PHP(await loadPHPRuntime(await getPHPLoaderModule()));
for (const folder of [root, phpunit]) {
	await php.mount(folder, (_php, FS, place) => {
		FS.mkdirTree(place);
		FS.mount(FS.filesystems.NODEFS, { root: folder }, place);
		return () => FS.unmount(place);
	});
}

const opened = {};
for (const file of files) {
	// Compiled as a whole before the guard in its first line ends it: every syntax error and deprecation shows.
	opened[file] = (await run(`require ${quoted(file)};`)).printed;
}
const tests = await run(`
	set_include_path( ${quoted(phpunit)} );
	require 'PHPUnit/Autoload.php';
	PHPUnit\\TextUI\\Command::main( false );`,
	['phpunit', '--no-configuration', '--do-not-cache-result',
		'--bootstrap', `${root}/tests/wordpress/phpunit/bootstrap.php`, `${root}/tests/wordpress/phpunit`]);
const own = (await run('echo PHP_VERSION;')).printed;
process.stdout.write(JSON.stringify({ version: own, files: opened, tests }));
process.exit(0); // the interpreter keeps the event loop alive

async function run(code, argv = []) {
	const settings = 'error_reporting( -1 ); ini_set( "display_errors", "1" ); ini_set( "html_errors", "0" );';
	const given = `$_SERVER['argv'] = $argv = array( ${argv.map(quoted).join(', ')} );`;
	try {
		const answer = await php.run({ code: `<?php ${settings} ${given} ${code}` });
		return { printed: answer.text, passed: answer.exitCode === 0 };
	} catch (trouble) {
		if (!trouble.response) throw trouble;
		return { printed: trouble.response.text, passed: false };
	}
}

function quoted(text) {
	return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
