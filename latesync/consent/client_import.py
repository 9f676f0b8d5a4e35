"""An uploaded client file, from its bytes to the client in use, with the owner's yes in between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from latesync.consent.client_file import ClientFile, client_file_text, read_client_file
from latesync.consent.flow import ConsentDesk
from latesync.consent.providers import GOOGLE
from latesync.consent.replacing import current_of, let_stopped_try, look_at_client
from latesync.errors import SecretUnreadable
from latesync.plan.client_replacement import (
    ClientReplacement,
)
from latesync.sentences import client_sentences, problem_sentences
from latesync.store.client_uploads import forget_upload, keep_upload, read_upload
from latesync.store.clients import ClientRow, read_client, record_client

Names = Mapping[int, str]


class Taken(Protocol):
    """A client as it was read, whoever the provider is."""

    @property
    def warnings(self) -> Sequence[str]: ...


def read_file(desk: ConsentDesk, content: bytes) -> ClientFile:
    """Raises WrongInput with a sentence for the admin."""
    google = desk.provider(GOOGLE)
    return read_client_file(content, callback=google.callback, standin=google.standin)


def look_at(desk: ConsentDesk, file: ClientFile) -> ClientReplacement:
    """What taking this file would change; nothing is changed."""
    return look_at_client(
        desk, GOOGLE, file.client_id, file.project_id, lambda current: _says_the_same(desk, current, file)
    )


def take_client(desk: ConsentDesk, file: ClientFile) -> None:
    """Use this client for new sign-ins, and let whom the old one stopped try again at once."""
    now = desk.clock()
    client_ref = record_client(
        desk.database,
        desk.box,
        desk.site_id,
        GOOGLE,
        file.client_id,
        file.client_secret,
        file.project_id,
        file.redirect_uris,
        now,
    )
    let_stopped_try(desk, GOOGLE, client_ref, now)


def import_client(desk: ConsentDesk, content: bytes) -> ClientFile:
    """Read a client file and take it without a question. Raises WrongInput with a sentence for the admin."""
    file = read_file(desk, content)
    take_client(desk, file)
    return file


def keep_for_a_yes(desk: ConsentDesk, file: ClientFile) -> str:
    """Keep the file, sealed, for an hour; returns the random name under which it is found."""
    text = client_file_text(file)
    return keep_upload(desk.database, desk.box, desk.site_id, GOOGLE, text, desk.clock())


def read_kept(desk: ConsentDesk, upload_id: str) -> ClientFile | None:
    """None when it is too old, answered already or unknown. Raises WrongInput as when it was uploaded."""
    try:
        text = read_upload(desk.database, desk.box, desk.site_id, upload_id, desk.clock())
    except SecretUnreadable:
        return None
    return None if text is None else read_file(desk, text.encode())


def take_kept(desk: ConsentDesk, upload_id: str) -> ClientReplacement | None:
    """The owner's yes; what was done, None when the file is no longer there. Raises WrongInput."""
    file = read_kept(desk, upload_id)
    if file is None or not forget_upload(desk.database, desk.site_id, upload_id):
        return None
    replacement = look_at(desk, file)
    take_client(desk, file)
    return replacement


def preview_lines(replacement: ClientReplacement, taken: Taken, names: Names, provider: str) -> list[str]:
    """The sentences of a preview, the same on the page and in a shell."""
    return client_sentences.replacement_lines(
        replacement.change,
        unnoticed=_named(replacement.unnoticed, names),
        sign_in_again=_named(replacement.sign_in_again, names),
        cut_off=_named(replacement.cut_off, names),
        signed_out=_named(replacement.signed_out, names),
        other_project=replacement.other_project,
        warnings=taken.warnings,
        provider=provider,
    )


def done_line(replacement: ClientReplacement, names: Names, provider: str) -> str:
    must = sorted({*replacement.sign_in_again, *replacement.cut_off, *replacement.signed_out})
    return client_sentences.replaced(replacement.change, _named(must, names), provider)


def same_file_line(desk: ConsentDesk) -> str:
    """For a file that is in use already, and what Google says of it if that is not well."""
    current = current_of(desk, GOOGLE)
    problem = current.problem if current else None
    return client_sentences.same_file(problem_sentences.client_problem(problem, GOOGLE) if problem else None)


def _says_the_same(desk: ConsentDesk, current: ClientRow, file: ClientFile) -> bool:
    """False also where the stored secret cannot be read any more: then the upload mends that."""
    try:
        secret = read_client(desk.database, desk.box, current.id).client_secret
    except SecretUnreadable:
        return False
    kept = (current.client_id, secret, current.project_id, current.redirect_uris)
    return kept == (file.client_id, file.client_secret, file.project_id, file.redirect_uris)


def _named(agent_ids: Iterable[int], names: Names) -> list[str]:
    return [names.get(agent_id) or f"agent {agent_id}" for agent_id in agent_ids]
