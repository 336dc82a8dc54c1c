"""Takes the lines of `spectron chat` one after the other: messages, and commands with a slash."""

from typing import Final

from rich.text import Text

from spectron import SessionInfo, SpectronError
from spectron.errors import PermissionDenied, SessionClosed, Unauthenticated, Unavailable
from spectron.sync import Memory
from spectron_server.cli import views
from spectron_server.cli.chat_input import Source
from spectron_server.cli.chat_screen import Screen
from spectron_server.cli.chat_talk import Talk
from spectron_server.cli.errors import CommandError
from spectron_server.cli.output import scope_text

_HELP: Final = """\
/profile          what is known, as a prompt would tell it
/context [QUERY]  what bears on a question, or else on your last message
/forget KEY       forget an attribute, such as location
/help             this
/quit             leave, as Ctrl-D and Ctrl-C do
//...              says something that begins with a slash
While you wait for a reply, Ctrl-C gives your message up.

Above a reply stands what was found for your message (·), below it what was
learned: + added, ~ updated, = confirmed, - expired, ? unsure, ! settled."""
# After these no further message can succeed.
_HOPELESS: Final = (PermissionDenied, SessionClosed, Unauthenticated)


class ChatLoop:
    """A conversation from its first line to its last."""

    def __init__(self, *, memory: Memory, info: SessionInfo, talk: Talk, screen: Screen) -> None:
        self._memory = memory
        self._info = info
        self._talk = talk
        self._screen = screen

    def run(self, source: Source) -> bool:
        """Takes every line.

        Args:
            source: Where they come from.

        Returns:
            Whether all of them could be taken.

        Raises:
            SpectronError: Nothing more can be said.
            KeyboardInterrupt: It was interrupted, and nobody sits there to go on.
        """
        self._screen.welcome(self._info)
        went_well = True
        for line in source.lines():
            try:
                if not self._take(line.strip(), source):
                    break
            except KeyboardInterrupt:
                if not source.interactive:
                    raise
                self._screen.told("Given up. What was recorded stays.")
            except _HOPELESS:
                raise
            except (SpectronError, CommandError) as error:
                if isinstance(error, Unavailable) and not source.interactive:
                    raise
                self._screen.failed(error)
                went_well = went_well and source.interactive
        self._screen.farewell(self._info)
        return went_well

    def _take(self, line: str, source: Source) -> bool:
        """Takes a line; returns False for the last one."""
        if line.startswith("/") and not line.startswith("//"):
            name, _, argument = line[1:].partition(" ")
            return self._command(name, argument.strip(), source)
        if line:
            self._talk.say(line.removeprefix("/") if line.startswith("//") else line)
        return True

    def _command(self, name: str, argument: str, source: Source) -> bool:
        match name:
            case "quit" | "exit":
                return False
            case "profile":
                profile = self._memory.profile(self._info.scope)
                self._screen.asked("profile", profile, views.profile_view(profile))
            case "context":
                self._context(argument or self._talk.last)
            case "forget":
                self._forget(argument, source)
            case "help":
                self._screen.asked("help", _HELP, Text(_HELP))
            case _:
                raise CommandError(f"There is no command /{name}. /help tells which there are.")
        return True

    def _context(self, query: str) -> None:
        if not query:
            raise CommandError("Say something first, or what to look for: /context QUERY.")
        found = self._talk.find(query)
        self._screen.asked("context", found, views.context_view(query, found))

    def _forget(self, key: str, source: Source) -> None:
        if not key:
            raise CommandError("Say what to forget: /forget KEY. /profile shows the keys.")
        scope = self._info.scope
        if source.interactive:
            expected = self._memory.forget(scope, attribute_key=key, dry_run=True)
            self._screen.asked("expected", expected, views.forgotten_view(expected, dry_run=True))
            if not views.forgets_anything(expected):
                return
            if not source.agrees(f"Forget this of {scope_text(scope)}?"):
                self._screen.told("Nothing was forgotten.")
                return
        forgotten = self._memory.forget(scope, attribute_key=key)
        self._screen.asked("forgotten", forgotten, views.forgotten_view(forgotten, dry_run=False))
