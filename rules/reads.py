"""What a condition depends on: the index by which a change finds the rules, and the persons, that it concerns."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rules.node import ANYBODY, Age, Cohort, Condition, Count, During, Has, Member, Num, Param, Related, children

Path = tuple[str, ...]  # relations from the holder to the person looked at; () is the holder


@dataclass(frozen=True, slots=True)
class Via:
    """What is read of the persons at the end of a path of relations: fact kinds, groups, whether the birth date."""

    path: Path
    facts: frozenset[str]
    groups: frozenset[str]
    born: bool


@dataclass(frozen=True, slots=True)
class Reads:
    """What a condition depends on: fact kinds, groups, calendars, whether the birth date, relations and figures.

    `facts`, `groups` and `born` concern anybody whom the condition looks at; `via` tells of whom, the holder first.
    Every relative's birth and death are read, as nobody meets a condition before and after life.
    """

    facts: frozenset[str]
    groups: frozenset[str]
    calendars: frozenset[str]
    born: bool
    relations: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    cohorts: frozenset[str] = frozenset()
    via: tuple[Via, ...] = ()


def reads(condition: Condition, definitions: Mapping[str, Condition] = MappingProxyType({})) -> Reads:
    """What must be known to evaluate the condition: the dependency index of a rule.

    `definitions` are the groups by condition: what they read is read too.
    """
    seen = tuple(_seen(condition, (), definitions))
    via = tuple(_via(path, [node for at, node in seen if at == path]) for path in sorted({at for at, _ in seen}))
    nodes = [node for _, node in seen]
    figures = [figure for node in nodes for figure in _figures(node)]
    return Reads(
        frozenset(kind for one in via for kind in one.facts),
        frozenset(group for one in via for group in one.groups),
        frozenset(node.when for node in nodes if isinstance(node, During) and isinstance(node.when, str)),
        any(one.born for one in via),
        frozenset(node.relation for node in nodes if isinstance(node, Related | Count)),
        frozenset(figure.code for figure in figures if isinstance(figure, Param)),
        frozenset(figure.code for figure in figures if isinstance(figure, Cohort)),
        via,
    )


def _seen(node: Condition, path: Path, definitions: Mapping[str, Condition]) -> Iterator[tuple[Path, Condition]]:
    yield path, node
    below = definitions.get(node.group) if isinstance(node, Member) else None
    further = path
    if isinstance(node, Related | Count):
        further = (*path, node.relation)
        if node.where is None:
            yield further, ANYBODY
    for part in children(node) if below is None else (below,):
        yield from _seen(part, further, definitions)


def _via(path: Path, nodes: list[Condition]) -> Via:
    return Via(
        path,
        frozenset(node.fact for node in nodes if isinstance(node, Has | Num)),
        frozenset(node.group for node in nodes if isinstance(node, Member)),
        bool(path) or any(isinstance(node, Age) for node in nodes),
    )


def _figures(node: Condition) -> Iterator[Param | Cohort]:
    figure = node.value if isinstance(node, Num) else node.years if isinstance(node, Age) else None
    if isinstance(figure, Param | Cohort):
        yield figure
