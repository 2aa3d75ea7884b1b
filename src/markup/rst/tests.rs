//! Tables of texts and their HTML. What both this renderer and the reference implementation know
//! is compared over whole texts elsewhere; here stands what is special here.

use super::render;

/// The HTML without line ends, and whether the text was understood.
fn shown(text: &str) -> (String, bool) {
    let rendered = render(text);
    (rendered.html.replace('\n', ""), rendered.is_clean)
}

#[test]
fn what_is_understood() {
    for (text, html) in [
        ("a\n", "<p>a</p>"),
        ("T\n=\n\nS\n-\n", "<h2 id=\"description-t\">T</h2><h3 id=\"description-s\">S</h3>"),
        (
            "a_ [#]_\n\n.. _a: b_\n.. _b: http://c\n.. [#] d\n",
            "<p><a href=\"http://c\">a</a> <a href=\"#description-note\">[1]</a></p>\
             <dl><dt id=\"description-note\">[1]</dt><dd><p>d</p></dd></dl>",
        ),
        ("b. x\n\nc. y\n", "<ol start=\"2\" type=\"a\"><li><p>x</p></li><li><p>y</p></li></ol>"),
        ("| a\n|  b\n", "<p>a<br>&nbsp;b</p>"),
        (".. image:: a.png\n\n.. image:: b.png\n   :alt: b\n", "<p> b</p>"),
        (
            ".. image:: https://e.org/v/name.svg?x\n   :target: https://e.org\n",
            "<p><a href=\"https://e.org\">name.svg</a></p>",
        ),
        (".. contents::\n\n.. meta::\n   :a: b\n\nc", "<p>c</p>"),
        (
            ".. warning:: a\n",
            "<aside class=\"admonition\"><p class=\"admonition-title\">Warning</p><p>a</p></aside>",
        ),
        ("`a <b@c.d>`__", "<p><a href=\"mailto:b@c.d\">a</a></p>"),
        (".. |a| unicode:: 0x41 U+42 67 &#x44; .. comment\n\n|a|", "<p>ABCD</p>"),
    ] {
        assert_eq!(shown(text), (html.to_owned(), true), "{text}");
    }
}

#[test]
fn what_is_not_is_shown_as_text() {
    for (text, html) in [
        ("a_ `b`_ c__ |d| [1]_ [#]_", "<p>a b c |d| [1] [#]</p>"),
        ("*a `b ``c **d |e", "<p>*a `b ``c **d |e</p>"),
        (".. foo:: bar\n\n   baz\n", "<pre>.. foo:: bar   baz</pre>"),
        (".. raw:: html\n\n   <b>\n\na", "<p>a</p>"),
        (".. include:: a\n.. csv-table::\n   :file: b\n\nc", "<p>c</p>"),
        ("+---+\n|  a|\n+-+\n", "<pre>+---+|  a|+-+</pre>"),
        ("== ==\na b\n== ==\n", "<pre>== ==a b== ==</pre>"),
        (":py:class:`~a.B` :ref:`c <d>` :kbd:`e`", "<p><code>B</code> c <kbd>e</kbd></p>"),
        (".. versionadded:: 1.2\n   It.\n", "<p>New in version 1.2It.</p>"),
        (
            "a\n==\n\nb\n--\n\nc\n~~\n\nd\n==\n\ne\n~~\n",
            "<h2 id=\"description-a\">a</h2><h3 id=\"description-b\">b</h3><h4 id=\"description-c\">c</h4><h2 id=\"description-d\">d</h2><h3 id=\"description-e\">e</h3>",
        ),
        ("a\n\n.. _a: http://b\n.. _a: http://c\n\na_", "<p>a</p><p>a</p>"),
        ("::\n\na", "<p>a</p>"),
        ("- a\nb", "<ul><li><p>a</p></li></ul><p>b</p>"),
    ] {
        assert_eq!(shown(text), (html.to_owned(), false), "{text}");
    }
}

#[test]
fn substitutions_end() {
    for (text, html) in [
        (".. |a| replace:: b |a|\n\n|a|", "<p>b b b b b b b b a</p>"),
        (".. |a| replace:: |b|\n.. |b| replace:: |a|\n\n|a|", "<p>a</p>"),
        (
            ".. |a| replace:: `b <http://c>`__ d\n.. _a: http://e\n\n|a|_",
            "<p><a href=\"http://e\">b d</a></p>",
        ),
    ] {
        assert_eq!(shown(text).0, html, "{text}");
    }
}

#[test]
fn what_is_too_deep_is_preformatted() {
    let (html, is_clean) = shown(&"- ".repeat(100));
    assert!(html.contains("<pre>- - ") && !is_clean);
    assert!(html.matches("<ul>").count() < 30);
}

#[test]
fn identifiers_are_unique() {
    let (html, _) = shown("A\n=\n\nA\n=\n\nA 2\n===\n\n.. _a-2:\n\n日本\n====\n\n!\n=\n");
    for id in ["a", "a-2", "a-2-2", "a-2-3", "日本", "id"] {
        assert_eq!(html.matches(&format!("id=\"description-{id}\"")).count(), 1, "{id} in {html}");
    }
}
