from cards.desfire.status import ACTIONS, Action, Status


def test_every_status_has_one_action():
    assert set(ACTIONS) == set(Status)


def test_every_action_is_the_answer_to_some_status():
    assert set(ACTIONS.values()) == set(Action)


def test_the_table_says_what_a_desk_and_a_terminal_do():
    named = {
        Action.ALREADY_DONE: "0c",
        Action.REJECT_FULL: "0e ce",
        Action.REJECT_PRODUCT: "1c 40 9d",
        Action.RETRY_ONCE: "1e 97",
        Action.OUR_FAULT: "7e 9e",
        Action.RESTART: "ca",
        Action.NOT_PERSONALISED: "a0",
        Action.TRY_PREVIOUS_KEYS: "ae",
        Action.WAIT: "ad",
        Action.LIMIT: "be",
        Action.RESUME_EXISTS: "de",
        Action.RESUME_CREATE: "f0",
        Action.DAMAGED: "a1 c1 cd ee f1",
        Action.GO_ON: "00 af",
    }
    assert {action: {status for status in Status if ACTIONS[status] is action} for action in Action} == {
        action: set(bytes.fromhex(statuses)) for action, statuses in named.items()
    }
