//! What lies in `deploy/` is accepted by the programs that it is for. Each has a broken twin.
//! Containers and the package are in `tests/deploy`, proxies in `tests/caches`.

use std::{fs, path::PathBuf};

use crate::process::{Site, get, tool};

fn deploy(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("deploy")
        .join(name)
}

fn text(name: &str) -> String {
    fs::read_to_string(deploy(name)).unwrap()
}

/// Runs a tool on a file, and on one that was broken.
fn accepts(
    name: &str,
    package: &str,
    arguments: &[&str],
    file: &str,
    broken: (&str, &str),
) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file_name = deploy(file).file_name().unwrap().to_owned();
    let twin = folder.path().join(file_name);
    let whole = text(file);
    assert!(whole.contains(broken.0), "{file} has no {:?}", broken.0);
    fs::write(&twin, whole.replacen(broken.0, broken.1, 1)).unwrap();
    let run = |path: &str| tool(name, package, &[arguments, &[path]].concat(), "");
    let (good, said) = run(&deploy(file).display().to_string());
    assert!(good, "{file}: {said}");
    let (good, _) = run(&twin.display().to_string());
    assert!(!good, "{name} has gone silent about {file}");
    said
}

#[test]
fn the_unit_is_sound_and_scores_at_most_one_and_a_half() {
    // `verify` wants to see the program that the unit starts.
    let folder = tempfile::tempdir().unwrap();
    let here = |unit: &str| {
        let path = folder.path().join(unit);
        let program = env!("CARGO_BIN_EXE_dateline");
        fs::write(
            &path,
            text(&format!("systemd/{unit}")).replace("/usr/bin/dateline", program),
        )
        .unwrap();
        path.display().to_string()
    };
    let (socket, service) = (here("dateline.socket"), here("dateline.service"));
    let verify = |path: &str| {
        let (good, said) = tool(
            "systemd-analyze",
            "systemd",
            &["verify", "--man=no", path],
            "",
        );
        // Faults of other units of this machine are not ours.
        good && !said.lines().any(|line| line.contains("dateline"))
    };
    assert!(
        verify(&service),
        "{:?}",
        tool(
            "systemd-analyze",
            "systemd",
            &["verify", "--man=no", &service],
            ""
        )
    );
    assert!(verify(&socket));
    let score = |path: &str| {
        let arguments = [
            "security",
            "--offline=true",
            "--threshold=15",
            "--no-pager",
            path,
        ];
        tool("systemd-analyze", "systemd", &arguments, "")
    };
    let (good, said) = score(&service);
    assert!(good, "{said}");
    let open = fs::read_to_string(&service).unwrap();
    fs::write(&service, open.replace("DynamicUser=yes", "DynamcUser=yes")).unwrap();
    assert!(!verify(&service));
    let bare: Vec<&str> = open
        .lines()
        .filter(|line| !line.starts_with("Protect"))
        .collect();
    fs::write(&service, bare.join("\n")).unwrap();
    assert!(!score(&service).0, "systemd-analyze has gone silent");
}

#[test]
fn alert_rules_are_sound_and_fire_when_they_should() {
    accepts(
        "promtool",
        "prometheus",
        &["check", "rules"],
        "prometheus/rules.yml",
        ("expr: up", "expr: up{"),
    );
    // Each alert has a time at which it fires and one at which it does not.
    let (rules, cases) = (
        text("prometheus/rules.yml"),
        text("prometheus/rules_test.yml"),
    );
    for line in rules.lines() {
        let Some((_, alert)) = line.split_once("- alert: ") else {
            continue;
        };
        let case = format!("alertname: {alert}\n");
        let asked: Vec<&str> = cases.split(&case).skip(1).collect();
        let is_silent = |case: &&str| case.trim_start().starts_with("exp_alerts: []");
        assert!(asked.iter().any(is_silent), "{alert} is never silent");
        assert!(!asked.iter().all(is_silent), "{alert} never fires");
    }
    let folder = tempfile::tempdir().unwrap();
    let judge = |rules: &str| {
        let file = folder.path().join("rules_test.yml");
        fs::write(folder.path().join("rules.yml"), rules).unwrap();
        fs::write(&file, &cases).unwrap();
        let file = file.display().to_string();
        tool("promtool", "prometheus", &["test", "rules", &file], "")
    };
    let (good, said) = judge(&rules);
    assert!(good, "{said}");
    for line in rules.lines().filter(|line| line.contains("expr: ")) {
        // One that never fires, and one that always does.
        for broken in ["expr: vector(1) > 2", "expr: vector(1)"] {
            let twin = rules.replace(line.trim_start(), broken);
            assert!(!judge(&twin).0, "promtool lets {line} be {broken}");
        }
    }
}

/// Every series that an alert or a panel asks for is one that the server has.
#[test]
fn alerts_and_panels_ask_for_series_that_exist() {
    let site = Site::new();
    site.configure("[admin]\nlisten = \"127.0.0.1:0\"\n");
    let mut dateline = site.start();
    let admin = dateline.operators();
    dateline.address();
    let metrics = get(admin, "/metrics").body;
    let names = |text: &str| -> Vec<String> {
        let words = text.split(|char: char| !char.is_ascii_alphanumeric() && char != '_');
        words
            .filter(|word| word.starts_with("dateline_"))
            .map(str::to_owned)
            .collect()
    };
    let known = names(&metrics);
    for file in [
        "prometheus/rules.yml",
        "prometheus/grafana.json",
        "../docs/operating.md",
    ] {
        let asked = names(&text(file));
        assert!(asked.len() > 5);
        for name in asked {
            assert!(known.contains(&name), "{file} asks for {name}");
        }
    }
    let dashboard: serde_json::Value =
        serde_json::from_str(&text("prometheus/grafana.json")).unwrap();
    assert_eq!(dashboard["panels"].as_array().unwrap().len(), 8);
}

#[test]
fn logrotate_takes_its_configuration() {
    accepts(
        "logrotate",
        "logrotate",
        &["--debug", "--state", "/dev/null"],
        "logrotate/dateline",
        ("rotate 14", "rotate fourteen"),
    );
}

#[test]
fn the_configuration_in_the_manifest_is_one_that_the_program_takes() {
    let manifest = text("kubernetes/dateline.yaml");
    let lines = manifest
        .lines()
        .skip_while(|line| *line != "  feeds.toml: |")
        .skip(1);
    let lines = lines
        .take_while(|line| line.starts_with("    "))
        .map(|line| &line[4..]);
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    fs::write(&token, "0123456789abcdef0123456789abcdef").unwrap();
    let config: Vec<&str> = lines.collect();
    let config = config
        .join("\n")
        .replace("/etc/dateline-token/token", &token.display().to_string());
    dateline::config::parse(&folder.path().join("feeds.toml"), &config).unwrap();
}
