"""How people write references and dependencies: the grammar of one visible line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from readiness_gate.merge import words
from readiness_gate.model.pull_request import Reference


@dataclass(frozen=True)
class Statement:
    """A keyword and what follows it."""

    references: tuple[Reference, ...]
    start: int
    end: int
    opens_list: bool = False
    """Whether nothing follows: what it depends on stands on the next lines."""
    near_miss: bool = False
    """Whether it looks like a dependency that was not, or not wholly, read."""


@dataclass(frozen=True)
class Grammar:
    """The words and addresses that count in one repository."""

    home: str
    keyword: re.Pattern[str]
    title: re.Pattern[str]
    reference: re.Pattern[str]
    stems: tuple[str, ...]

    def concerns(self, text: str) -> bool:
        """Return whether a text can hold a keyword at all; cheap."""
        folded = text.casefold()
        return any(stem in folded for stem in self.stems)

    def is_title(self, text: str) -> bool:
        """Return whether a heading or a cell announces dependencies and holds nothing else."""
        return len(text) <= words.WINDOW and self.title.fullmatch(text) is not None

    def references_at(self, text: str, position: int) -> tuple[tuple[Reference, ...], int]:
        """Return the list of references that starts at a position, and where it ends."""
        found: list[Reference] = []
        end = position
        while True:
            kind = words.KIND.match(text, position)
            match = self.reference.match(text, kind.end() if kind else position)
            if match is None:
                return tuple(found), end
            found.append(self._reference(match))
            end = match.end()
            join = words.JOIN.match(text, end)
            position = join.end() if join else end

    def list_at_start(self, text: str) -> tuple[Reference, ...]:
        """Return the references that a line begins with (an entry of a list of dependencies)."""
        lead = words.BEFORE_LIST.match(text)
        found, end = self.references_at(text, lead.end() if lead else 0)
        return () if found and words.TAKEN_BACK.match(text, end) else found

    def statements(self, text: str) -> Iterator[Statement]:
        """Yield the dependencies that a line states, and what only looks like one."""
        done = 0
        for match in self.keyword.finditer(text):
            if match.start() < done:
                continue
            statement = self._statement(text, match, done)
            if statement is not None:
                done = statement.end
                yield statement

    def suggests(self, text: str) -> bool:
        """Return whether a line without a keyword still looks like an entry that was not read."""
        return words.SUGGESTIVE.search(text) is not None and words.NEGATION.search(text) is None

    def resembles(self, text: str) -> bool:
        """Return whether a line begins with a misspelt keyword and a reference."""
        lead = words.LEAD.match(text)
        match = words.LOOKALIKE.match(text, lead.end() if lead else 0)
        if match is None or words.NEGATION.search(text) or words.TAKEN_BACK.search(text):
            return False
        return words.SUGGESTIVE.match(text, match.end()) is not None

    def _statement(self, text: str, match: re.Match[str], done: int) -> Statement | None:
        window = max(done, match.start() - words.WINDOW)
        start = window
        for end in words.SENTENCE_END.finditer(text, window, match.start()):
            start = end.end()
        whole = start > window or window == done
        if words.NEGATION.search(text, start, match.start()):
            return None
        leads = whole and words.LEAD.fullmatch(text, start, match.start()) is not None
        if not leads:
            suggestive = self._strong(match) and self._suggestive(text, match.end())
            return Statement((), start, match.end(), near_miss=True) if suggestive else None
        return self._after(text, match)

    def _after(self, text: str, match: re.Match[str]) -> Statement | None:
        between = words.BETWEEN.match(text, match.end())
        found, end = self.references_at(text, between.end() if between else match.end())
        if found:
            if words.TAKEN_BACK.match(text, end):
                return None
            return Statement(found, match.start(), end, near_miss=self._goes_on(text, end))
        rest = text[match.end() : match.end() + words.REACH]
        if not rest.strip(" \t:\uff1a-\u2013\u2014*_=>"):
            opens = match[0].casefold() != "after"
            return Statement((), match.start(), match.end(), opens_list=opens)
        if words.DENIAL.match(text, match.end()):
            return None
        bare = words.BARE_NUMBER.match(rest) and (
            self._strong(match) or rest.lstrip().startswith(":")
        )
        near = bool(bare) or self._suggestive(text, match.end())
        near = near or (self._strong(match) and words.SUGGESTIVE_HIDDEN.match(rest) is not None)
        return Statement((), match.start(), match.end(), near_miss=True) if near else None

    def _goes_on(self, text: str, position: int) -> bool:
        """Return whether "and the other one in #20" follows, which is no list."""
        more = words.AND_MORE.match(text, position)
        if more is None:
            return False
        following = self.keyword.search(text, more.end(), more.end() + words.REACH)
        end = following.start() if following else more.end() + words.REACH
        return words.SUGGESTIVE.search(text, more.end(), end) is not None

    def _suggestive(self, text: str, position: int) -> bool:
        return words.SUGGESTIVE.search(text, position, position + words.REACH) is not None

    def _strong(self, match: re.Match[str]) -> bool:
        return match[0].casefold() not in words.EVERYDAY

    def _reference(self, match: re.Match[str]) -> Reference:
        groups = match.groupdict()
        repository = groups["address"] or groups["full"] or self.home
        number = groups["address_number"] or groups["full_number"] or groups["short_number"]
        if repository.casefold() == self.home.casefold():
            repository = self.home
        return Reference(repository, int(number or 0))


@lru_cache(maxsize=64)
def grammar(home: str, server_url: str, keywords: tuple[str, ...]) -> Grammar:
    """Return the grammar of a repository on a server, with further keywords."""
    split = [re.split(r"[\s\-]+", text.strip(" -:")) for text in keywords]
    own = tuple(words.GAP.join(map(re.escape, parts)) for parts in split if parts[0])
    strong = "|".join((*own, *words.STRONG))
    stems = (parts[0].casefold() for parts in split if parts[0])
    return Grammar(
        home=home,
        keyword=re.compile(
            rf"(?<![\w\-/@#.])(?:{strong}|{'|'.join(words.WEAK)})(?!\w)", re.IGNORECASE
        ),
        title=re.compile(
            rf"[^\w#]*(?:{'|'.join((*own, *words.TITLES))})"
            r"(?:\s{1,3}(?:prs?|pull\s?requests?))?[^\w#]*",
            re.IGNORECASE,
        ),
        reference=_reference_pattern(server_url),
        stems=(*words.STEMS, *stems),
    )


def _reference_pattern(server_url: str) -> re.Pattern[str]:
    hosts: Sequence[str] = sorted({"github.com", "www.github.com", urlsplit(server_url).netloc})
    servers = "|".join(re.escape(host) for host in hosts if host)
    return re.compile(
        rf"https?://(?:{servers})/(?P<address>{words.OWNER}/{words.NAME})/(?:pull|pulls|issues)"
        rf"/(?P<address_number>[1-9][0-9]{{0,9}})(?![\w])(?:[/?#][^\s<>()\[\]\"',;\0]*)?"
        rf"|(?P<full>{words.OWNER}/{words.NAME})#(?P<full_number>{words.NUMBER})"
        rf"|(?:\#|GH-)(?P<short_number>{words.NUMBER})",
        re.IGNORECASE,
    )
