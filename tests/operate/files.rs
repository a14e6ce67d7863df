//! `dateline build DIR --coded`, for hosts of static files.

use std::{collections::BTreeMap, fs, io::Read as _, process::Command};

use crate::process::Site;

fn files(site: &Site) -> BTreeMap<String, Vec<u8>> {
    let out = site.path("out");
    let found = walkdir::WalkDir::new(&out).into_iter().map(Result::unwrap);
    let found = found.filter(|entry| entry.file_type().is_file());
    found
        .map(|entry| {
            let name = entry
                .path()
                .strip_prefix(&out)
                .unwrap()
                .display()
                .to_string();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

fn build(site: &Site) -> BTreeMap<String, Vec<u8>> {
    let out = site.path("out").display().to_string();
    let output = site.command("build", &[&out, "--coded"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    files(site)
}

#[test]
fn coded_files_decode_to_the_plain_ones_and_fields_are_there() {
    let site = Site::new();
    let files = build(&site);
    let plain = &files["rss.xml"];
    let unzip = Command::new("gzip")
        .arg("-dc")
        .arg(site.path("out/rss.xml.gz"))
        .output()
        .unwrap();
    assert_eq!(&unzip.stdout, plain);
    let mut unbrotlied = Vec::new();
    brotli::Decompressor::new(&files["rss.xml.br"][..], 4096)
        .read_to_end(&mut unbrotlied)
        .unwrap();
    assert_eq!(&unbrotlied, plain);
    let headers = String::from_utf8(files["_headers"].clone()).unwrap();
    let rss = headers
        .split("\n/")
        .find(|block| block.starts_with("rss.xml"))
        .unwrap();
    assert!(
        rss.contains("\n  content-type: application/rss+xml"),
        "{rss}"
    );
    assert!(
        rss.contains("\n  cache-control: public, max-age=900"),
        "{rss}"
    );
    assert!(rss.contains("\n  x-content-type-options: nosniff"), "{rss}");
}

#[test]
fn what_it_wrote_before_and_no_longer_serves_is_removed_and_nothing_else() {
    let site = Site::new();
    site.configure("[[feed]]\nname = \"all\"\n[[feed]]\nname = \"news\"\n");
    assert!(build(&site).contains_key("feeds/news/rss.xml.gz"));
    fs::write(site.path("out/feeds/mine.txt"), "mine").unwrap();
    fs::write(site.path("outside"), "mine").unwrap();
    let manifest = site.path("out/.dateline-files");
    let list = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, format!("{list}../outside\n/etc/hostname\n")).unwrap();
    let stamp = fs::metadata(site.path("out/robots.txt"))
        .unwrap()
        .modified()
        .unwrap();
    site.configure("");
    let files = build(&site);
    assert!(
        !files.keys().any(|name| name.starts_with("feeds/news")),
        "{:?}",
        files.keys()
    );
    assert!(!site.path("out/feeds/news").exists());
    assert!(files.contains_key("feeds/mine.txt"));
    assert!(site.path("outside").exists());
    assert_eq!(
        fs::metadata(site.path("out/robots.txt"))
            .unwrap()
            .modified()
            .unwrap(),
        stamp
    );
}
