"""What the page is sent without: comments and indentation, and nothing else."""

import pytest

from web.build.minify import file, page, script, style

SCRIPTS = [
    ("const a = 1; // one\n/* two\n */ const b = 2;\n", "const a=1;\nconst b=2;\n"),
    ("f(\n  1,\n  2,\n);\n", "f(1,2,);\n"),
    # Line breaks that end a statement.
    ("return\nx\n", "return\nx\n"),
    ("a = b\nc = d\n", "a=b\nc=d\n"),
    ("a = b\n++c\n", "a=b\n++c\n"),
    ("a\n/* x\n */ b\n", "a\nb\n"),
    ("const f = () => {}\n(g)\n", "const f=()=>{}\n(g)\n"),
    # Spaces between two signs.
    ("a + +b - -c + ++d\n", "a+ +b- -c+ ++d\n"),
    ("a < !b; c-- > d\n", "a< !b;c-- >d\n"),
    ("a ? .5 : b?.c\n", "a?.5:b?.c\n"),
    ("1 .toFixed(); 2..toFixed(); 0x1f; 1e-5; 10n\n", "1 .toFixed();2. .toFixed();0x1f;1e-5;10n\n"),
    ("for (const x of [1]) typeof x in y;\n", "for(const x of[1])typeof x in y;\n"),
    (
        "class A { #b = 1; static c() { return this.#b; } }\n",
        "class A{#b=1;static c(){return this.#b;}}\n",
    ),
    # Strings and templates keep every character.
    ("a = 'it\\'s  // no comment' + \"/*  \";\n", "a='it\\'s  // no comment'+\"/*  \";\n"),
    (
        "a = `x  ${ b  + `y  ${ { c: 1 }.c }` } // z\n  `;\n",
        "a=`x  ${b+`y  ${{c:1}.c}`} // z\n  `;\n",
    ),
    ("a = `$ \\` \\${b} $`  +  c;\n", "a=`$ \\` \\${b} $`+c;\n"),
    # A slash that divides, and one that begins a regular expression.
    ("a = b / c / d;\n", "a=b/c/d;\n"),
    ("a = (b + c) / d; e[0] / 2\n", "a=(b+c)/d;e[0]/2\n"),
    ("a = /[/\"]  \\/ '/g.test(b) || /`/ ;\n", "a=/[/\"]  \\/ '/g.test(b)||/`/;\n"),
    ("if (a) /x  y/.test(b);\n", "if(a)/x  y/.test(b);\n"),
    ("return /x/ in y\n", "return/x/ in y\n"),
    ("a.return / 2 / b;\n", "a.return/2/b;\n"),
    ("a.if(b) / 2 / c;\n", "a.if(b)/2/c;\n"),
    ("x = `${a}` / 2; // y\n", "x=`${a}`/2;\n"),
    # Neither a comment nor the end of the page's script comes to be.
    ("a = b / /c/.d;\n", "a=b/ /c/.d;\n"),
    ("a = b < /script>/.c;\n", "a=b< /script>/.c;\n"),
]


@pytest.mark.parametrize(("source", "made"), SCRIPTS)
def test_a_script_loses_comments_and_spaces(source, made):
    assert script(source) == made
    assert script(made) == made


@pytest.mark.parametrize(
    "source",
    [
        "{ a  }\n/b/.test(c);\n",  # a block, or an object that is divided
        "a++  / b / c;\n",
        "a = `no end  ${ b };\n",
        "a = 'no end  ;\n",
        "f(  ;\n",
        "f  );\n",
        "a  \U0001f600 b\n",
    ],
)
def test_a_script_that_may_mean_two_things_stays_as_it_is(source):
    assert script(source) == source


STYLES = [
    (
        "a  b,\n.c > d {\n  color : red;\n  margin: 0 1px;\n}\n",
        "a b,.c>d{color :red;margin:0 1px}\n",
    ),
    (
        "/* x */ a:hover { width: calc(1px + (2px * 3)); }\n",
        "a:hover{width:calc(1px + (2px * 3))}\n",
    ),
    ("@media (width >= 4em) and (hover) { td :is(b) { top: 1px !important; } }\n", None),
    (
        "a::before { content: \"/* ; } \"; --x: 'a  b'; }\n",
        "a::before{content:\"/* ; } \";--x:'a  b'}\n",
    ),
    ("a { background: url(data:image/png,a/*b) }\n", "a{background:url(data:image/png,a/*b)}\n"),
]


def test_a_style_loses_comments_and_spaces():
    wide = "@media (width>= 4em) and (hover){td :is(b){top:1px!important}}\n"
    for source, made in STYLES:
        assert style(source) == (made or wide)
        assert style(made or wide) == (made or wide)


def test_a_page_loses_comments_and_indentation():
    source = """<!doctype html>
<p title="a  >
   b">one
      <b>two</b> three  four <!-- none --></p>
  <pre>
    kept <!-- as it is -->
  </pre><textarea>
  too </textarea>  <script>
    const a = "</p>";
  </script>
"""
    made = """<!doctype html>
<p title="a  >
   b">one
<b>two</b> three  four </p>
<pre>
    kept <!-- as it is -->
  </pre><textarea>
  too </textarea>  <script>
    const a = "</p>";
  </script>
"""
    assert page(source) == made


def test_a_file_is_known_by_its_name():
    assert file("a.js", b"f( );\n") == b"f();\n"
    assert file("a.json", b"[ ]\n") == b"[ ]\n"
