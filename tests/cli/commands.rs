//! What all commands have in common: arguments, help, completions, the manual page.

use crate::program::Site;

#[test]
fn a_missing_configuration_says_what_was_looked_for_and_where() {
    let site = Site::empty();
    for arguments in [&[][..], &["check"], &["build", "out"], &["serve"]] {
        let done = site.run(arguments);
        assert_eq!((done.status, done.out.as_str()), (2, ""), "{arguments:?}");
        let lines: Vec<&str> = done.err.lines().collect();
        assert_eq!(lines[0], "error: there is no configuration file here");
        assert!(lines[1].ends_with("/feeds.toml"), "{}", lines[1]);
        assert_eq!(
            lines[2],
            "help: run this in the folder that holds feeds.toml, or name it: --config FILE"
        );
    }
}

#[test]
fn the_configuration_that_is_shown_where_there_is_none_is_one_to_begin_with() {
    let site = Site::empty();
    let said = site.run(&["check"]).err;
    let (_, shown) = said.split_once("Markdown:\n").unwrap();
    let shown: Vec<&str> = shown.lines().map(str::trim_start).collect();
    std::fs::write(site.path("feeds.toml"), shown.join("\n")).unwrap();
    let done = site.run(&["check"]);
    assert_eq!(
        done.err.trim(),
        "failed: the folder content is not there; see path in [source.markdown]"
    );
    std::fs::create_dir(site.path("content")).unwrap();
    std::fs::write(site.path("content/a.md"), "---\ntitle: A\n---\nText.\n").unwrap();
    let done = site.run(&["check"]);
    assert_eq!(done.status, 0, "{}", done.err);
}

#[test]
fn an_address_without_a_port_is_told_what_one_looks_like() {
    let done = Site::example().run(&["serve", "--listen", "localhost"]);
    assert_eq!(done.status, 2);
    assert!(
        done.err.contains("such as 127.0.0.1:8080 or [::1]:8080"),
        "{}",
        done.err
    );
}

#[test]
fn the_configuration_may_be_elsewhere_and_its_paths_are_relative_to_it() {
    let site = Site::example();
    let elsewhere = Site::empty();
    let config = site.path("feeds.toml");
    for arguments in [
        ["--config", config.to_str().unwrap(), "check"],
        ["check", "--config", config.to_str().unwrap()],
    ] {
        let done = elsewhere.run(&arguments);
        assert_eq!(done.status, 0, "{}", done.err);
        assert!(done.out.contains("15 articles"));
    }
}

#[test]
fn wrong_arguments_are_status_2_and_help_is_0() {
    let site = Site::example();
    for arguments in [
        &["chekc"][..],
        &["check", "--format", "xml"],
        &["build"],
        &["--listen", "here"],
        &["--listen", "127.0.0.1:0", "check"],
    ] {
        let done = site.run(arguments);
        assert_eq!(done.status, 2, "{arguments:?}");
        assert!(done.err.starts_with("error: "), "{}", done.err);
    }
    let done = site.run(&["--help"]);
    assert_eq!(done.status, 0);
    for said in ["serve", "check", "build", "--config", "Exit status"] {
        assert!(done.out.contains(said), "no {said} in\n{}", done.out);
    }
    let version = site.run(&["--version"]).out;
    assert_eq!(version, format!("dateline {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_and_the_manual_page_know_every_command() {
    let site = Site::empty();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let done = site.run(&["completions", shell]);
        assert_eq!((done.status, done.err.as_str()), (0, ""), "{shell}");
        for command in ["serve", "check", "build"] {
            assert!(done.out.contains(command), "no {command} for {shell}");
        }
    }
    let page = site.run(&["man"]);
    assert_eq!(page.status, 0);
    assert!(page.out.contains(".TH dateline 1"));
    for command in ["serve", "check", "build"] {
        assert!(
            page.out.contains(&format!("dateline\\-{command}(1)")),
            "{command}"
        );
    }
}

#[test]
fn bash_takes_its_completions() {
    let site = Site::empty();
    site.write("complete.sh", &site.run(&["completions", "bash"]).out);
    let checked = std::process::Command::new("bash")
        .args(["-n", site.path("complete.sh").to_str().unwrap()])
        .status();
    assert!(checked.unwrap().success());
}
