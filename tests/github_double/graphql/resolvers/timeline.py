"""The timeline of a pull request: mentions, comments and reviews."""

from typing import Any

from tests.github_double.graphql.context import Arguments, Context, Located, page
from tests.github_double.graphql.resolvers.shared import Fields, inner
from tests.github_double.mentions import mentions
from tests.github_double.pulls import PullRequest
from tests.github_double.records import Mention, Review
from tests.github_double.refusals import RefusalError
from tests.github_double.routing import visible
from tests.github_double.shapes.common import node_id

_KINDS = {
    "Mention": "CROSS_REFERENCED_EVENT",
    "Comment": "ISSUE_COMMENT",
    "Review": "PULL_REQUEST_REVIEW",
}


def _seen(context: Context, name: str) -> bool:
    try:
        visible(context.world, context.token, name)
    except RefusalError:
        return False
    return True


def _when(item: Any) -> str:
    return item.submitted_at if isinstance(item, Review) else item.created_at


def timeline(pull: PullRequest, context: Context, arguments: Arguments) -> Any:
    """The events of the asked kinds, oldest first; those from unseen repositories are not there."""
    items: list[Any] = [
        *(item for item in mentions(pull) if _seen(context, item.source_home)),
        *pull.repository.comments_on(pull.number),
        *pull.reviews,
    ]
    wanted, since = arguments.get("itemTypes"), arguments.get("since") or ""
    found = [
        Located(pull.repository, item)
        for item in sorted(items, key=_when)
        if (wanted is None or _KINDS[type(item).__name__] in wanted) and _when(item) >= since
    ]
    return page(found[arguments.get("skip") or 0 :], arguments)


def _source(event: Located[Mention], context: Context, _arguments: Arguments) -> Any:
    home = context.world.repository(event.item.source_home)
    number = event.item.source
    return home.pulls[number] if number in home.pulls else Located(home, home.issues[number])


def _url(event: Located[Mention], context: Context, _arguments: Arguments) -> str:
    return f"{context.urls.page(event.home)}/pull/{event.item.target}#ref-pullrequest"


FIELDS: dict[str, Fields] = {
    "PullRequest": {"timelineItems": timeline},
    "CrossReferencedEvent": {
        "id": lambda event, _c, _a: node_id("CRE", event.item.id),
        "actor": inner("actor"),
        "createdAt": inner("created_at"),
        "referencedAt": inner("created_at"),
        "isCrossRepository": lambda event, _c, _a: event.item.source_home != event.home.full_name,
        "willCloseTarget": lambda _event, _c, _a: False,
        "source": _source,
        "target": lambda event, _c, _a: event.home.pulls[event.item.target],
        "url": _url,
    },
}
