//! Calls, whole and broken.

use proptest::prelude::*;

use super::*;

fn with_value(value: &str) -> String {
    format!(
        "<?xml version='1.0'?><methodCall><methodName>m</methodName><params><param>{value}</param>\
         </params></methodCall>"
    )
}

fn value(text: &str) -> Result<Value, Fault> {
    let call = Call::read(with_value(text).as_bytes())?;
    Ok(call.params.into_iter().next().unwrap_or(Value::Other))
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[test]
fn values_of_every_type() {
    for (written, expected) in [
        ("<value><string>a &amp; &#x41;&#66;<![CDATA[<c>]]></string></value>", text("a & AB<c>")),
        ("<value>bare</value>", text("bare")),
        ("<value/>", text("")),
        ("<value><string/></value>", text("")),
        ("<value> <int> 7 </int> </value>", Value::Int(7)),
        ("<value><i4>-7</i4></value>", Value::Int(-7)),
        ("<value><i8>3000000000</i8></value>", Value::Int(3_000_000_000)),
        ("<value><int>99999999999999999999</int></value>", Value::Other),
        ("<value><int>x</int></value>", Value::Other),
        ("<value><boolean>1</boolean></value>", Value::Other),
        ("<value><nil/></value>", Value::Other),
        ("<value><array><data/></array></value>", Value::Array(vec![])),
        (
            "<value><array><data><value>a</value><!-- b --><value><int>1</int></value></data>\
             </array></value>",
            Value::Array(vec![text("a"), Value::Int(1)]),
        ),
        (
            "<value><struct><member><name>a</name><value>b</value></member></struct></value>",
            Value::Struct(vec![("a".to_owned(), text("b"))]),
        ),
    ] {
        assert_eq!(value(written).as_ref(), Ok(&expected), "{written}");
    }
}

#[test]
fn a_call_may_have_no_parameters() {
    let none = [
        "<methodCall><methodName> m </methodName></methodCall>",
        "\u{feff}<methodCall><methodName>m</methodName><params/></methodCall>\n",
    ];
    for written in none {
        let call = Call::read(written.as_bytes());
        assert_eq!(call, Ok(Call { method: "m".to_owned(), params: vec![] }), "{written}");
    }
}

#[test]
fn what_is_malformed() {
    let nested = |depth: usize| {
        let (open, close) = ("<value><array><data>", "</data></array></value>");
        with_value(&format!("{}{}", open.repeat(depth), close.repeat(depth)))
    };
    assert!(Call::read(nested(DEEPEST).as_bytes()).is_ok());
    let bomb =
        "<!DOCTYPE a [<!ENTITY b \"bb\">]><methodCall><methodName>&b;</methodName></methodCall>";
    for bad in [
        "",
        "hello",
        "<methodCall>",
        "<methodCall/>",
        "<methodCall><methodName>m</methodName>",
        "<methodCall><methodName>m</methodCall></methodName>",
        "<methodCall><methodName><b/></methodName></methodCall>",
        "<methodCall><methodName>m</methodName></methodCall><more/>",
        "<methodCall><methodName>m&b;</methodName></methodCall>",
        "<methodCall><methodName>m&#0;</methodName></methodCall>",
        "<methodCall><methodName>m&#1;</methodName></methodCall>",
        "<methodCall><methodName>m\u{1}</methodName></methodCall>",
        "<methodResponse/>",
        bomb,
        &with_value("<value><float>1</float></value>"),
        &with_value("<value>a<string>b</string></value>"),
        &with_value("<value><string>b</string>a</value>"),
        &with_value("<value><array/></value>"),
        &with_value("<value><struct><member><value/></member></struct></value>"),
        &with_value("<string>x</string>"),
        &nested(DEEPEST + 2),
        &nested(30_000),
        &"<value>".repeat(100_000),
    ] {
        let code = Call::read(bad.as_bytes()).err().map(|fault| fault.code());
        let shown: String = bad.chars().take(200).collect();
        assert_eq!(code, Some(-32700), "{shown}");
    }
    assert!(Call::read(b"<methodCall>\xff</methodCall>").is_err());
}

proptest! {
    #[test]
    fn nothing_panics(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        let _ = Call::read(pieces.concat().as_bytes());
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Call::read(&bytes);
    }
}

const PIECES: &[&str] = &[
    "<methodCall>",
    "</methodCall>",
    "<methodName>",
    "</methodName>",
    "<params>",
    "</params>",
    "<param>",
    "</param>",
    "<value>",
    "</value>",
    "<array><data>",
    "</data></array>",
    "<struct>",
    "</struct>",
    "<member><name>",
    "</name>",
    "</member>",
    "<int>",
    "</int>",
    "<nil/>",
    "x",
    "&amp;",
    "&#1114112;",
    "&",
    "<",
    "]]>",
    "<![CDATA[",
    "<!--",
    "-->",
    "<?",
    "é",
];
