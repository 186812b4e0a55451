from amis.staff import roles

EVERYBODY = {"account.own"}


def test_every_permission_of_a_role_or_machine_is_described():
    granted = roles.role_permissions(roles.role_names()) | {
        name for kind in roles.machine_kinds() for name in roles.machine_permissions(kind)
    }
    assert granted == set(roles.permissions())


def test_every_role_may_see_its_own_account():
    for role in roles.role_names():
        assert roles.role_permissions([role]) >= EVERYBODY


def test_machines_and_staff_share_no_permission():
    machines = {name for kind in roles.machine_kinds() for name in roles.machine_permissions(kind)}
    assert not machines & roles.role_permissions(roles.role_names())


def test_an_auditor_opens_no_person_and_changes_nothing():
    held = roles.role_permissions(["auditor"])
    assert "audit.read" in held
    assert "person.read" not in held
    assert not [name for name in held if name.endswith(".write")]


def test_nobody_who_writes_rules_reads_persons():
    assert not roles.role_permissions(["social_engineer"]) & {"person.read", "person.write", "fact.write"}


def test_a_role_that_no_longer_exists_allows_nothing():
    assert roles.role_permissions(["emperor"]) == frozenset()
