"""Tools: what they answer, what they refuse, and how one is added."""

import pytest
from microgpt.inference import tools
from microgpt.inference.tools import MAX_DEPTH, MAX_DIGITS, MAX_LENGTH, MAX_OPERATIONS, run_tools
from proof import calculator as proof
from proof.__main__ import main


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("12 + 30", "42"),
        ("12+30*2", "72"),
        ("(12 + 30) * 2", "84"),
        ("10 - 4 - 3", "3"),
        ("100 / 5 / 2", "10"),
        ("2 - -3", "5"),
        ("-(2 + 3)", "-5"),
        ("--5", "5"),
        ("6 / 2", "3"),
        ("7 / 2", "3.5"),
        ("7 // 2", "3"),
        ("10 / 3", "3.3333"),
        ("2 / 3", "0.6667"),
        ("1 / 3000", "0.0003333"),
        ("0.1 + 0.2", "0.3"),
        ("2.50 * 4", "10"),
        (".5 + 1.", "1.5"),
        ("1,234 + 1,000,000", "1001234"),
        ("  7  ", "7"),
        ("0 * -1.5", "0"),
        ("999999999999999 + 0", "999999999999999"),
        ("'banana'.count('a')", "3"),
        ('"it\'s".count("\'")', "1"),
        ('"a,b,c".count(",")', "2"),
        ('"1,234".count(",")', "1"),
        ("'abc'.count('z')", "0"),
    ],
)
def test_what_is_answered(expression, result):
    assert run_tools(expression) == result


@pytest.mark.parametrize(
    "expression",
    [
        *("", " ", "+", "1 +", "1 2", "(1", "1)", "()", "1 / 0", "1 // 0", "1 / (2 - 2)", "0 / 0."),
        *("2 ** 3", "2 * * 3", "1,2 + 3", "12,34", "1.2.3", ".", "1 / / 2", "5 % 2", "1e3", "0x1"),
        *("1_000", "1\n+ 1", "1\t+ 1", "\u0661 + 1", "\u00bd", "abs(1)", "__import__('os')"),
        *("'a'", "'a'.upper()", "'a'.count('a').real", "'a' 'b'.count('b')", "b'a'.count(b'a')"),
        *("'a\\'.count('a')", "'a'.count(a)", "'a'.count()", "'''a'''.count('a')", "f'{1}'"),
        *("'a'.count('a') + 1", "1 if 1 else 2", "[1][0]", "1 == 1", "1;2", "1 # one"),
    ],
)
def test_what_is_refused(expression):
    assert run_tools(expression) is None


def test_the_limits_are_where_they_are_said_to_be():
    assert run_tools("9" * MAX_DIGITS) == "9" * MAX_DIGITS
    assert run_tools("9" * (MAX_DIGITS + 1)) is None
    assert run_tools("1." + "0" * MAX_DIGITS) is None
    assert run_tools("9" * MAX_DIGITS + " + 1") is None  # a result with too many digits
    assert run_tools("1" + "+1" * MAX_OPERATIONS) == str(MAX_OPERATIONS + 1)
    assert run_tools("1" + "+1" * (MAX_OPERATIONS + 1)) is None
    assert run_tools("-" * (MAX_OPERATIONS + 1) + "1") is None
    assert run_tools("(" * MAX_DEPTH + "1" + ")" * MAX_DEPTH) == "1"
    assert run_tools("(" * (MAX_DEPTH + 1) + "1" + ")" * (MAX_DEPTH + 1)) is None
    assert run_tools("(1)+" * 20 + "1") == "21"  # brackets side by side are not deep
    assert run_tools("1" + " " * (MAX_LENGTH - 1)) == "1"
    assert run_tools("1" + " " * MAX_LENGTH) is None


def test_a_reader_adds_a_tool():
    own = {}
    before = dict(tools.TOOLS)

    @tools.tool("shout", "shout hi")
    def shout(expression):
        return expression[6:].upper() if expression.startswith("shout ") else None

    try:
        assert run_tools("shout hi") == "HI"
        assert run_tools("1 + 1") == "2"
        assert run_tools("shout " + "x" * 200) == "X" * 200
    finally:
        own["shout"] = tools.TOOLS.pop("shout")
    assert run_tools("shout hi") is None
    assert run_tools("shout hi", own) == "HI" and run_tools("1 + 1", own) is None
    assert before == tools.TOOLS


def test_every_example_is_answered_by_its_own_tool():
    assert list(tools.TOOLS) == ["calculator", "count"]
    for name, each in tools.TOOLS.items():
        assert run_tools(each.example, {name: each}) is not None


def test_made_up_expressions():
    assert list(proof.prove(5000, seed=1)) == []


def test_the_proof_finds_a_wrong_answer(monkeypatch):
    wrong = tools.Tool("wrong", "", lambda expression: "8")
    monkeypatch.setitem(tools.TOOLS, "calculator", wrong)
    with pytest.raises(AssertionError):
        list(proof.prove(100, seed=1))


def test_the_proof_finds_what_is_evaluated(monkeypatch):
    def careless(expression):
        return str(eval("1"))

    monkeypatch.setitem(tools.TOOLS, "calculator", tools.Tool("careless", "", careless))
    with pytest.raises(AssertionError, match="compile"):
        list(proof.prove(1, seed=1))


def test_proofs_are_run_by_name(capsys):
    assert main(["calculator", "--count", "100", "--seed", "3"]) == 0
    assert capsys.readouterr().out.startswith("calculator: 100 expressions")
