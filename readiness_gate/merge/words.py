"""The words and forms in which people write dependencies.

Every pattern is bounded or anchored at a position, so that a line is read in time that grows with
its length alone (notes on security S-15).
"""

import re

from readiness_gate.merge.visible import HIDDEN

WINDOW = 120
"""How far before a keyword its sentence is looked at, in characters."""
REACH = 80
"""How far behind a keyword something that looks like a reference is looked for."""

GAP = r"[\s\-\u2010\u2011]{1,3}"
STRONG = (
    rf"depends?{GAP}(?:up)?on",
    rf"blocked{GAP}(?:by|on)",
    rf"stacked{GAP}(?:on\s+top\s+of|on|upon)",
    rf"merge[sd]?{GAP}(?:only\s{{1,3}})?after",
    r"dependenc(?:y|ies)(?=\s{0,3}[:\uff1a])",
)
WEAK = ("requires?", "after")
EVERYDAY = frozenset({"require", "requires", "after"})
"""Words of everyday prose: a number behind them is no sign of a dependency."""
TITLES = ("dependenc(?:y|ies)", *STRONG[:4], "requires")
STEMS = ("dep", "dpend", "block", "stack", "merge", "requir", "after", "wait", "need", "prereq")
LOOKALIKE = re.compile(
    r"(?:depend\w{0,8}|depens|depnds|dpends|block(?:ed)?|stack(?:ed)?|requir\w{0,5}|prereq\w{0,10}"
    r"|wait(?:s|ing)?|needs?|merge[sd]?)[\s_\-]{0,3}(?:on|by|for|upon|after)?[\s:]{0,3}",
    re.IGNORECASE,
)

LEAD = re.compile(
    r"(?:\s{0,3}\[x\])?[^\w#@/\"'\u201c\u2018\u00ab`<>]*"
    r"(?:(?:note|nb|important|warning|info|todo|heads[ -]up)\s{0,3}[:!\-\u2013\u2014]+\s{0,3})?"
    r"(?:(?:and|also|but|so|please|only)\s{1,3}){0,3}"
    r"(?:(?:it|(?:this|the|my|our)(?:\s{1,3}(?:prs?|pull[ -]requests?|change|patch|branch|one|work"
    r"|issue|task|feature|stack))?|prs?|pull[ -]requests?)\s{1,3})?"
    r"(?:(?:is|are|be|to|also|still|now|currently|only|directly|strictly|should|must|can|may|will"
    r"|needs(?=\s+to\b)|has|have|and|partly|indirectly)\s{1,3}){0,5}",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(rf"[.!?;][\s{HIDDEN}]+")
NEGATION = re.compile(
    r"\b(?:no|not|never|cannot|without|neither|nor|none|nothing|was|were|used\s+to|previously"
    r"|formerly|independent|unblocked|instead)\b|n['\u2019]t\b",
    re.IGNORECASE,
)
DENIAL = re.compile(
    r"[\s:(\[=>\-\u2013\u2014]{0,6}(?:no|not|none|nothing|neither|nil|n/a|null|tbd|todo)\b",
    re.IGNORECASE,
)
TAKEN_BACK = re.compile(r"[\s,(]{0,3}(?:no\s+longer|any\s?more)\b", re.IGNORECASE)
BETWEEN = re.compile(
    r"[\s:\uff1a=(\[\u2192\-\u2013\u2014>]{0,8}(?:(?:the|merging|merge\s+of|following|these|both)\s{1,3}){0,3}",
    re.IGNORECASE,
)
BEFORE_LIST = re.compile(r"(?:\s{0,3}\[x\])?[^\w#@/\"'\u201c\u2018\u00ab`<>]*", re.IGNORECASE)
KIND = re.compile(
    r"(?:(?:PRs?|pull[\s-]requests?|pulls?|issues?)\b[\s:(\[]{0,4})?(?:PR\s)?", re.IGNORECASE
)
JOIN = re.compile(
    r"(?:\s{0,3}\([^()\0]{0,120}\))?[\s)\]]{0,6}"
    r"(?:(?:[,;&+/]|and\b|or\b|plus\b|then\b|also\b|as\s+well\s+as\b|both\b)[\s(\[]{0,6}){0,3}",
    re.IGNORECASE,
)
AND_MORE = re.compile(
    r"[\s)\]]{0,4}(?:[,;&+/]|(?:and|or|plus|also|as\s+well\s+as)\b)"
    r"(?!.{0,40}\b(?:fixes|fixed|closes|closed|resolves|see|because|which|since|but|not|replaces|supersedes)\b)",
    re.IGNORECASE,
)

OWNER = r"[A-Za-z0-9][A-Za-z0-9-]{0,38}"
NAME = r"[A-Za-z0-9_.-]{1,100}"
NUMBER = r"[1-9][0-9]{0,9}(?![\w])(?!\.[0-9])"
_PLACEHOLDER = (
    r"(?:n{1,9}|x{1,9}|y{1,9}|0+|_+|id|nr|no|num|number|issue|pr|todo|tbd|abc|pull|"
    r"(?:pr|issue)[-_]?(?:number|id))\b"
)
SUGGESTIVE = re.compile(
    rf"#(?!{_PLACEHOLDER})[A-Za-z0-9]|#\s[0-9]|\bGH[-\s]{{0,2}}[0-9]"
    r"|\b(?:PR|pull|pull[\s-]request|issue|MR)s?[\s#:\-!]{0,3}[0-9]"
    r"|/(?:pull|pulls|issues|merge_requests)/[0-9]|![1-9]"
    r"|\b[\w.-]{1,39}/[\w.-]{1,100}[\s:!/]{1,2}[0-9]",
    re.IGNORECASE,
)
BARE_NUMBER = re.compile(r"[\s:]{0,4}[1-9][0-9]{0,9}(?![\w])(?!\.[0-9])")
SUGGESTIVE_HIDDEN = re.compile(rf"[\s:]{{0,3}}{HIDDEN}")
