"""The policies of many base branches at once, as a sweep needs them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from readiness_gate.checklist import attestations, waivers
from readiness_gate.checks import CHECKS
from readiness_gate.cli.evaluation import Gate
from readiness_gate.cli.subject import Policies, at_commit
from readiness_gate.cli.validate import require_policy, working_tree
from readiness_gate.engine.policy import Policy, Read, read_policy
from readiness_gate.errors import ForgeError, GateError
from readiness_gate.forge.base import Forge, Tip

Digest = tuple[bytes | None, ...]


@dataclass(frozen=True)
class PoliciesRead:
    """What was read: the policies by branch, and why there is none for the others."""

    known: Policies
    refused: Mapping[str, GateError]


def read_policies(gate: Gate, forge: Forge, branches: Collection[str]) -> PoliciesRead:
    """Return the policy at the tip of each branch; in CI their files come in one batch."""
    reader = _Reader(gate, forge)
    tips = reader.tips(branches)
    known: Policies = {}
    refused: dict[str, GateError] = {}
    for branch in sorted(branches):
        try:
            tip = tips.get(branch) or Tip(forge.branch_tip(branch), {})
            known[branch] = (reader.policy(tip), tip.sha)
        except GateError as error:
            refused[branch] = error
    return PoliciesRead(known, refused)


@dataclass
class _Reader:
    gate: Gate
    forge: Forge
    _same: dict[Digest, Policy] = field(default_factory=dict)
    _by_tip: dict[str, Policy] = field(default_factory=dict)

    def tips(self, branches: Collection[str]) -> Mapping[str, Tip]:
        try:
            return self.forge.tips(branches, self._paths)
        except ForgeError:
            return {}  # each is asked for by itself, and says what is wrong

    def policy(self, tip: Tip) -> Policy:
        found = self._by_tip.get(tip.sha) or self._policy(tip)
        self._by_tip[tip.sha] = found
        return found

    def _policy(self, tip: Tip) -> Policy:
        if self._local:
            # On a laptop the working tree decides, whatever the branch.
            known = next(iter(self._by_tip.values()), None)
            return known or self._read(working_tree(self.gate.doors.workspace))
        whole = all(path in tip.files for path in self._paths)
        digest = tuple(tip.files[path] for path in self._paths) if whole else None
        if digest in self._same:
            return self._same[digest]
        policy = self._read(self._reading(tip))
        if digest is not None and not policy.loaded.config.checklist:
            # One object for branches that say the same: their graph is built once.
            self._same[digest] = policy
        return policy

    def _reading(self, tip: Tip) -> Read:
        alone = at_commit(self.forge, tip.sha)
        return lambda path: tip.files[path] if path in tip.files else alone(path)

    def _read(self, read: Read) -> Policy:
        path = self.gate.settings.config
        policy = read_policy(read, path, check_ids=CHECKS, now=self.gate.doors.clock.now())
        return require_policy(policy, path)

    @property
    def _local(self) -> bool:
        return not (self.gate.settings.in_actions or self.gate.settings.publish)

    @property
    def _paths(self) -> list[str]:
        if self._local:
            return []
        return [self.gate.settings.config, waivers.DEFAULT_PATH, attestations.DEFAULT_PATH]
