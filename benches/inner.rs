//! The inner loops, each for itself: `cargo bench --bench inner`.
//!
//! What they add up to is measured by `benches/run`, beside nginx.

use std::error::Error;
use std::hint::black_box;

use actix_web::http::header::HeaderValue;
use cheeseshop::catalog::file::File;
use cheeseshop::catalog::project::Status;
use cheeseshop::db::{FileId, ProjectId, ReleaseId};
use cheeseshop::http::{encoding, negotiate};
use cheeseshop::packaging::{Blake2b256, CoreMetadata, Filename, NormalizedName, Sha256, Version};
use cheeseshop::simple::{Form, PageFile, ProjectPage, Rendered};
use cheeseshop::time;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sha2::Digest;

/// What pip sends.
const ACCEPT: &str = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; \
                      q=0.1, text/html; q=0.01";
/// Files on the pages that are rendered: a project of a few years, and one of the largest.
const FILES: [u32; 2] = [100, 10_000];

fn rules(c: &mut Criterion) {
    let mut group = c.benchmark_group("rules");
    group.bench_function("normalized name", |b| {
        b.iter(|| NormalizedName::parse(black_box("typing-extensions")));
    });
    group.bench_function("version", |b| b.iter(|| Version::parse(black_box("2024.10.1rc1.post2"))));
    group.bench_function("wheel file name", |b| {
        let name = "charset_normalizer-3.4.0-cp312-cp312-manylinux_2_17_x86_64.whl";
        b.iter(|| Filename::parse_alone(black_box(name)));
    });
    let one = "Requires-Dist: some-name>=1,<2; extra == \"x\"\n";
    let metadata = format!("Metadata-Version: 2.4\nName: a\nVersion: 1\n{}", one.repeat(100));
    group.throughput(Throughput::Bytes(metadata.len() as u64));
    group.bench_function("core metadata", |b| {
        b.iter(|| CoreMetadata::parse(black_box(metadata.as_bytes())));
    });
    group.finish();
}

fn negotiation(c: &mut Criterion) {
    let mut group = c.benchmark_group("negotiation");
    let accept = HeaderValue::from_static(ACCEPT);
    group.bench_function("form", |b| b.iter(|| negotiate::choose([black_box(&accept)], None)));
    let codings = HeaderValue::from_static("gzip, deflate, br, zstd");
    group.bench_function("encoding", |b| b.iter(|| encoding::taken([black_box(&codings)])));
    group.finish();
}

fn pages(c: &mut Criterion) {
    let mut group = c.benchmark_group("pages");
    for count in FILES {
        let page = match page(count) {
            Ok(page) => page,
            Err(error) => panic!("{error}"),
        };
        group.throughput(Throughput::Elements(count.into()));
        for (form, name) in [(Form::Json, "JSON first"), (Form::Html, "HTML first")] {
            group.bench_function(format!("{count} files, {name}"), |b| {
                b.iter(|| Rendered::project(page.clone(), "", form));
            });
        }
    }
    group.finish();
}

fn page(count: u32) -> Result<ProjectPage, Box<dyn Error>> {
    let name = NormalizedName::parse("bench").ok_or("a name")?;
    let files = (0..count).map(file).collect::<Result<Vec<_>, _>>()?;
    let versions = (0..count).map(|number| format!("1.{number}")).collect();
    let status = Status::Active;
    let id = ProjectId::new(1);
    Ok(ProjectPage { id, name, serial: 1, status, status_reason: None, versions, files })
}

fn file(number: u32) -> Result<PageFile, Box<dyn Error>> {
    // Digests that no compressor finds a pattern in, like real ones.
    let digest = digest_of(number);
    let blob = Blake2b256::parse(&digest).ok_or("a digest")?;
    let sha256 = Sha256::parse(&digest).ok_or("a digest")?;
    let file = File {
        id: FileId::new(number.into()),
        release_id: ReleaseId::new(number.into()),
        filename: format!("bench-1.{number}-py3-none-any.whl"),
        package_type: "bdist_wheel".to_owned(),
        requires_python: Some(">=3.9".to_owned()),
        size: 20_000 + i64::from(number),
        sha256: sha256.clone(),
        blake2_256: blob.clone(),
        metadata_blake2_256: Some(blob),
        metadata_sha256: Some(sha256),
        uploaded_at: time::now(),
        yanked: None,
    };
    Ok(PageFile::hosted(file, None))
}

fn digest_of(number: u32) -> String {
    hex::encode(sha2::Sha256::digest(number.to_be_bytes()))
}

criterion_group!(inner, rules, negotiation, pages);
criterion_main!(inner);
