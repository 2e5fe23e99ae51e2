"""What an item expects of a value, in the words of goss and hurl, and thresholds like k6's."""

from readiness_gate.matchers.matcher import ABSENT, Matcher, Nodes
from readiness_gate.matchers.vocabulary import compile_matcher

__all__ = ["ABSENT", "Matcher", "Nodes", "compile_matcher"]
