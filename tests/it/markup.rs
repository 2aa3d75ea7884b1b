//! Descriptions in reStructuredText beside what docutils makes of them: the same text in the same
//! elements. Trouble is where docutils finds it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cheeseshop::markup::render;
use serde::Deserialize;

use crate::support::prepared;

const TYPE: Option<&str> = Some("text/x-rst");

#[derive(Debug, Deserialize)]
struct Compared {
    name: String,
    troubles: Vec<String>,
    theirs: Vec<String>,
    ours: Vec<String>,
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/markup").join(name)
}

/// Runs a script of the folder with that input; what it prints.
fn run(name: &str, input: &[u8]) -> Vec<u8> {
    let mut python = Command::new(prepared("TEST_CLIENTS").join("python"));
    python.arg(script(name)).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = python.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{name} has failed");
    output.stdout
}

/// Says of each text in what it differs, if it does.
fn differences(texts: &[(String, String)]) -> Vec<String> {
    let rendered: Vec<_> =
        texts.iter().map(|(name, text)| (name, text, render(text, TYPE))).collect();
    let compared: Vec<Compared> =
        serde_json::from_slice(&run("oracle.py", &serde_json::to_vec(&rendered).unwrap())).unwrap();
    assert_eq!(compared.len(), texts.len());
    let mut differences = Vec::new();
    for (it, (name, text, html)) in compared.iter().zip(&rendered) {
        assert_eq!(it.name, **name);
        let is_clean = render(text, None) == *html;
        if is_clean != it.troubles.is_empty() {
            differences.push(format!("{name}: understood: {is_clean}, theirs: {:?}", it.troubles));
        } else if is_clean && it.theirs != it.ours {
            let at = it.theirs.iter().zip(&it.ours).take_while(|(a, b)| a == b).count();
            let part =
                |tokens: &[String]| tokens.iter().skip(at).take(8).cloned().collect::<Vec<_>>();
            differences.push(format!(
                "{name}: theirs {:?}, ours {:?}",
                part(&it.theirs),
                part(&it.ours)
            ));
        }
    }
    differences
}

#[test]
fn our_rendering_is_that_of_docutils() {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(script("corpus")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        texts.push((name, std::fs::read_to_string(&path).unwrap()));
    }
    assert!(texts.len() >= 60);
    let differences = differences(&texts);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Fetches the metadata of a hundred packages; `tests/run --full` runs it.
#[test]
#[ignore = "asks a package index for a hundred packages"]
#[expect(clippy::print_stderr, reason = "the figure is what it is run for")]
fn real_descriptions_are_rendered_as_by_docutils() {
    let texts: Vec<(String, String)> = serde_json::from_slice(&run("real.py", b"")).unwrap();
    assert!(texts.len() >= 90, "only {} descriptions", texts.len());
    let differences = differences(&texts);
    eprintln!("{} of {} are the same", texts.len() - differences.len(), texts.len());
    assert!(differences.len() * 20 <= texts.len(), "{}", differences.join("\n"));
}
