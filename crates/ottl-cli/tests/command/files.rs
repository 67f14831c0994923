//! Files: none is another's, what is replaced keeps what it was, and nothing is lost or left behind, whatever ends a run.

use std::process::Stdio;

use crate::harness::{Dir, command, contents, log, ottl};

const RULES: &str = r#"log_statements: ['set(log.severity_text, "x")']"#;

#[test]
fn no_output_is_another_file() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let variables = dir.file("prod.env", "A=1\n");
    let input = dir.file("in.json", log("a"));
    let copy = dir.file("copy.json", log("a"));
    let mut linked = vec![(rules.clone(), "rules"), (variables.clone(), "variables")];
    #[cfg(unix)]
    {
        let (soft, hard) = (dir.path("soft.yaml"), dir.path("hard.yaml"));
        std::os::unix::fs::symlink(&rules, &soft).expect("a link");
        std::fs::hard_link(&rules, &hard).expect("a link");
        linked.extend([(soft, "rules"), (hard, "rules")]);
    }
    linked.push((dir.path("./rules.yaml"), "rules"));
    let base = ["run", "--config", &rules, "--env-file", &variables, &input];
    for (path, role) in &linked {
        for option in ["--output", "--report"] {
            let done = ottl(base.iter().copied().chain([option, path]), b"").ends(2);
            done.names(&[option.trim_start_matches('-'), role, "one file"]);
        }
    }
    ottl(base.iter().copied().chain(["--report", &input]), b"").ends(2).names(&["report", "input"]);
    let new = dir.path("new");
    let other = dir.path("./new");
    ottl(base.iter().copied().chain(["--report", &new, "-o", &other]), b"").ends(2).names(&["output", "report"]);
    assert_eq!(contents(&rules), RULES.as_bytes());
    assert_eq!(contents(&input), log("a").as_bytes());
    // What may be: an input twice, one of several inputs replaced, and a device in any place.
    ottl(["run", "--config", &rules, &input, &input, "-o", &new], b"").ends(0);
    assert_eq!(String::from_utf8(contents(&new)).expect("text").lines().count(), 2);
    ottl(["run", "--config", &rules, &input, &copy, "-o", &copy], b"").ends(0);
    assert_eq!(String::from_utf8(contents(&copy)).expect("text").lines().count(), 2);
    if cfg!(unix) {
        ottl(["run", "--config", &rules, &input, "-o", "/dev/null", "--report", "/dev/null"], b"").ends(0);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn standard_output_is_no_input() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let input = dir.file("in.jsonl", format!("{}\n", log("a")));
    let out = std::fs::OpenOptions::new().append(true).open(&input).expect("it is there");
    let done = command()
        .args(["run", "--config", &rules, &input])
        .stdout(out)
        .stderr(Stdio::piped())
        .output()
        .expect("the binary runs");
    assert_eq!(done.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&done.stderr).contains("standard output is the input"));
    assert_eq!(contents(&input), format!("{}\n", log("a")).as_bytes());
}

#[test]
fn what_killed_runs_left_goes_with_the_next_one() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let file = dir.file("data.json", log("a"));
    dir.file(".data.json.999999999-0.tmp", "half");
    dir.file(".data.json.1-7.tmp", "half");
    // Of another file, and of nobody.
    dir.file(".other.json.1-0.tmp", "half");
    dir.file(".data.json.tmp", "mine");
    // A living run holds its lock.
    let living = dir.file(".data.json.2-0.tmp", "half");
    let lock = std::fs::File::open(&living).expect("it is there");
    lock.lock().expect("nobody else holds it");
    ottl(["run", "--config", &rules, &file, "-o", &file], b"").ends(0);
    let left = [".data.json.2-0.tmp", ".data.json.tmp", ".other.json.1-0.tmp", "data.json", "rules.yaml"];
    assert_eq!(dir.names(), left);
}

#[cfg(unix)]
#[test]
fn hard_links_and_links_to_nothing_stay() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    for body in ["a", &"long".repeat(10_000)] {
        let file = dir.file("data.jsonl", format!("{}\n", log(body)).repeat(3));
        let twin = dir.path("twin.jsonl");
        std::fs::hard_link(&file, &twin).expect("a link");
        let before = std::fs::metadata(&file).expect("it is there");
        ottl(["run", "--config", &rules, &twin, "-o", &file], b"").ends(0);
        let after = std::fs::metadata(&twin).expect("it is there");
        assert_eq!((before.ino(), after.nlink()), (after.ino(), 2));
        assert_eq!(contents(&file), contents(&twin));
        assert_eq!(String::from_utf8(contents(&file)).expect("text").matches(r#""severityText":"x""#).count(), 3);
        // Shorter than before.
        let small = dir.file("small.json", log("b"));
        ottl(["run", "--config", &rules, &small, "-o", &file], b"").ends(0);
        assert_eq!(String::from_utf8(contents(&twin)).expect("text").lines().count(), 1);
        std::fs::remove_file(&twin).expect("it is there");
        std::fs::remove_file(&small).expect("it is there");
    }
    // A run that was killed while it copied is finished by the next one, before anything is read.
    let file = dir.file("data.jsonl", "{\"resourceLo");
    dir.file(".data.jsonl.1-0.whole", format!("{}\n", log("whole")));
    ottl(["run", "--config", &rules, &file, "-o", &file], b"").ends(0);
    assert!(String::from_utf8(contents(&file)).expect("text").contains("whole"));
    let link = dir.path("link.json");
    symlink(dir.path("later.json"), &link).expect("a link");
    ottl(["run", "--config", &rules, "-o", &link], log("a").as_bytes()).ends(0);
    assert!(std::fs::symlink_metadata(&link).expect("it is there").is_symlink());
    assert!(!contents(&dir.path("later.json")).is_empty());
    // What nobody else may read is never readable meanwhile, nor afterwards.
    let secret = dir.file("secret.json", log("a"));
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).expect("permissions");
    ottl(["run", "--config", &rules, &secret, "-o", &secret], b"").ends(0);
    assert_eq!(std::fs::metadata(&secret).expect("it is there").mode() & 0o777, 0o600);
    assert_eq!(dir.names(), ["data.jsonl", "later.json", "link.json", "rules.yaml", "secret.json"]);
}

#[test]
fn an_input_that_changes_meanwhile_is_not_replaced() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let file = dir.file("data.jsonl", format!("{}\n", log("a")));
    let mut child = command()
        .args(["run", "--config", &rules, "-", &file, "-o", &file])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    // The temporary file shows that the run has begun.
    while dir.names().len() < 3 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let longer = format!("{}\n", log("a")).repeat(2);
    dir.file("data.jsonl", &longer);
    drop(child.stdin.take());
    let done = child.wait_with_output().expect("it ends");
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stderr).contains("changed while it was read"));
    assert_eq!(contents(&file), longer.as_bytes());
    assert_eq!(dir.names(), ["data.jsonl", "rules.yaml"]);
}

/// Owners can only be given away by root; elsewhere only the own group can be looked at.
#[cfg(unix)]
#[test]
fn owner_and_group_stay() {
    use std::os::unix::fs::{MetadataExt as _, chown};

    let dir = Dir::new();
    let rules = dir.file("rules.yaml", "log_statements: ['set(log.body,1)']\n");
    let given = chown(&rules, Some(12_345), Some(54_321)).is_ok();
    let before = std::fs::metadata(&rules).expect("it is there");
    ottl(["fmt", &rules], b"").ends(0);
    let after = std::fs::metadata(&rules).expect("it is there");
    assert_ne!(before.ino(), after.ino());
    assert_eq!((before.uid(), before.gid(), before.mode()), (after.uid(), after.gid(), after.mode()));
    assert!(!given || after.uid() == 12_345);
}

/// Access lists are attributes of the system's; only root may set those of others, so each is tried and looked for where it
/// could be set.
#[cfg(target_os = "linux")]
#[test]
fn extended_attributes_stay() {
    use std::os::unix::fs::MetadataExt as _;

    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    // Version 2; the owner may read and write, user 12345 may read, the group nothing, the mask is reading, others nothing.
    let mut list = vec![2, 0, 0, 0];
    for (tag, permissions, id) in
        [(1_u16, 6_u16, u32::MAX), (2, 4, 12_345), (4, 0, u32::MAX), (16, 4, u32::MAX), (32, 0, u32::MAX)]
    {
        list.extend(tag.to_le_bytes());
        list.extend(permissions.to_le_bytes());
        list.extend(id.to_le_bytes());
    }
    let attributes = [("user.origin", &b"prod"[..]), ("system.posix_acl_access", &list), ("trusted.note", b"x")];
    let data = dir.file("data.json", log("a"));
    let body = dir.file("body.yaml", "log_statements: ['set(log.body,1)']\n");
    for (file, args) in [(&data, vec!["run", "--config", &rules, &data, "-o", &data]), (&body, vec!["fmt", &body])] {
        let set: Vec<_> = attributes.iter().filter(|(name, value)| xattr::set(file, name, value).is_ok()).collect();
        let before = std::fs::metadata(file).expect("it is there");
        ottl(args, b"").ends(0);
        let after = std::fs::metadata(file).expect("it is there");
        assert_ne!(before.ino(), after.ino(), "the file was replaced");
        assert_eq!(before.mode(), after.mode());
        for (name, value) in set {
            assert_eq!(xattr::get(file, name).expect("attributes").as_deref(), Some(*value), "{name}");
        }
    }
    // What a directory gives to new files is not given to one that replaces another.
    let here = std::path::Path::new(&data).parent().expect("a directory");
    if xattr::set(here, "system.posix_acl_default", &list).is_ok() {
        let plain = dir.path("plain.json");
        std::fs::copy(&data, &plain).expect("it can be written");
        let _ = xattr::remove(&plain, "system.posix_acl_access");
        ottl(["run", "--config", &rules, &plain, "-o", &plain], b"").ends(0);
        assert_eq!(xattr::get(&plain, "system.posix_acl_access").expect("attributes"), None);
    }
}

#[cfg(unix)]
#[test]
fn a_reader_of_a_named_pipe_that_goes_away_is_a_failure() {
    use std::io::Read as _;

    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let input = dir.file("in.jsonl", format!("{}\n", log(&"long ".repeat(100))).repeat(5000));
    let pipe = dir.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let child = command()
        .args(["run", "--config", &rules, &input, "-o", &pipe])
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut reader = std::fs::File::open(&pipe).expect("it is written to");
    reader.read_exact(&mut [0; 10]).expect("something comes");
    drop(reader);
    let done = child.wait_with_output().expect("it ends");
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stderr).contains("pipe: cannot write"));
}

/// A disk that is full is a limit on the size of files here.
#[cfg(unix)]
#[test]
fn a_full_disk_changes_nothing_and_leaves_nothing() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    // Bodies that do not compress to nothing.
    let mut seed = 7_u64;
    let mut body = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("{seed:016x}").repeat(2)
    };
    let old: String = (0..5000).map(|_| format!("{}\n", log(&body()))).collect();
    for hard in [false, true] {
        let file = dir.file("data.jsonl", &old);
        if hard {
            std::fs::hard_link(&file, dir.path("twin.jsonl")).expect("a link");
        }
        let names = dir.names();
        for compress in [&[][..], &["--compress", "zstd"], &["--compress", "gzip"]] {
            let done = std::process::Command::new("sh")
                .args(["-c", "ulimit -f 1; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_ottl")])
                .args(["run", "--config", &rules, &file, "-o", &file])
                .args(compress)
                .output()
                .expect("sh");
            let err = String::from_utf8_lossy(&done.stderr);
            assert_eq!(done.status.code(), Some(1), "{err}");
            assert!(err.contains("data.jsonl: cannot write"), "{err}");
            assert_eq!(contents(&file), old.as_bytes());
            assert_eq!(dir.names(), names);
        }
    }
}

#[test]
fn many_failures_of_a_kind_are_a_few_lines() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let wrong = "{\"resourceLogs\":[7]}\n".repeat(1000);
    let done = ottl(["run", "--config", &rules, "--keep-going"], wrong.as_bytes()).ends(1);
    let done =
        done.names(&["message 1 ", "message 20 ", "980 more like these, the last: standard input: message 1000 "]);
    assert_eq!(done.err.lines().count(), 21);
    let done = ottl(["run", "--config", &rules, "--keep-going", "--format", "json"], wrong.as_bytes()).ends(1);
    let records: Vec<serde_json::Value> =
        done.err.lines().map(|line| serde_json::from_str(line).expect("JSON lines")).collect();
    assert_eq!(records.len(), 21);
    assert_eq!((&records[20]["count"], &records[20]["message_number"]), (&1000.into(), &1000.into()));
}

/// Kills runs in place at any time: the file is the old one or the new one, and nothing else is there, for a killed
/// process after the next run. `OTTL_KILLS` says how often; the default is for every day.
#[cfg(unix)]
#[test]
fn killed_runs_lose_nothing_and_leave_nothing() {
    use std::time::{Duration, Instant};

    let kills: u32 = std::env::var("OTTL_KILLS").ok().and_then(|count| count.parse().ok()).unwrap_or(12);
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let old = format!("{}\n", log(&"x".repeat(100))).repeat(10_000);
    let file = dir.file("data.jsonl", &old);
    let run = ["run", "--config", &rules, &file, "-o", &file];
    let started = Instant::now();
    ottl(run, b"").ends(0);
    let whole = started.elapsed();
    let new = contents(&file);
    let expected = ["data.jsonl", "rules.yaml"];
    let (mut ended, mut seed) = ([0; 2], 7_u64);
    for kill in 0..kills {
        // Every fourth file has a second link, so that its content is replaced, not the file.
        let is_linked = kill / 4 % 4 == 3;
        dir.file("data.jsonl", &old);
        let twin = dir.path("twin.jsonl");
        if is_linked {
            std::fs::hard_link(&file, &twin).expect("a link");
        }
        let mut child = command().args(run).stderr(Stdio::null()).spawn().expect("the binary starts");
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_secs_f64(whole.as_secs_f64() * 1.1 * (seed >> 33) as f64 / 2_f64.powi(31)));
        let signal = ["-INT", "-TERM", "-HUP", "-KILL"][kill as usize % 4];
        // It may have ended.
        let status =
            std::process::Command::new("kill").args([signal, &child.id().to_string()]).stderr(Stdio::null()).status();
        assert!(status.is_ok());
        child.wait().expect("it ends");
        if signal == "-KILL" {
            // The next run finds what this one left. It changes nothing more in a file that is new.
            ottl(run, b"").ends(0);
        }
        if is_linked {
            std::fs::remove_file(&twin).expect("it is there");
        }
        let now = contents(&file);
        assert!(now == old.as_bytes() || now == new, "{signal} after {kill} kills: {} bytes", now.len());
        ended[usize::from(now == new)] += 1;
        assert_eq!(dir.names(), expected, "{signal} after {kill} kills");
    }
    assert!(kills < 100 || (ended[0] > 0 && ended[1] > 0), "{ended:?}");
}

#[test]
fn many_inputs_become_many_outputs() {
    use crate::harness::gzip;

    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let plain = dir.file("a.jsonl", format!("{}\n", log("a")));
    let packed = dir.file("b.json.gz", gzip(log("b").as_bytes()));
    // Its name is wrong, and its form is kept.
    let odd = dir.file("c.pb", format!("{}\n", log("c")));
    let out = dir.path("out/deep");
    let report = dir.path("report.json");
    let run = ["run", "--config", &rules, "--output-dir", &out, "--report", &report];
    ottl(run.iter().copied().chain([plain.as_str(), &packed, &odd]), b"").ends(0);
    let read = |name: &str| contents(&format!("{out}/{name}"));
    assert!(read("a.jsonl").starts_with(b"{") && read("c.pb").starts_with(b"{"));
    let text = crate::harness::gunzip(&read("b.json.gz"));
    assert!(String::from_utf8_lossy(&text).contains(r#""severityText":"x""#));
    let counted: serde_json::Value = serde_json::from_slice(&contents(&report)).expect("JSON");
    assert_eq!(counted["messages"], 3);
    // The messages that may come are those of all inputs.
    std::fs::remove_dir_all(&out).expect("it is there");
    ottl(run.iter().copied().chain([plain.as_str(), &packed, "--limit", "1"]), b"").ends(0);
    assert!(!std::path::Path::new(&format!("{out}/b.json.gz")).exists());
    // In their own directory they are replaced.
    let here = std::path::Path::new(&plain).parent().expect("a directory").to_str().expect("text").to_owned();
    ottl(["run", "--config", &rules, "--output-dir", &here, &plain], b"").ends(0);
    assert!(String::from_utf8_lossy(&contents(&plain)).contains(r#""severityText":"x""#));

    std::fs::create_dir_all(dir.path("other")).expect("a directory");
    let twin = dir.file("other/a.jsonl", log("a"));
    let refused = |inputs: &[&str], parts: &[&str]| {
        ottl(run.iter().copied().chain(inputs.iter().copied()), b"").ends(2).names(parts);
    };
    refused(&[&plain, &twin], &["would be one file"]);
    refused(&["-"], &["--output-dir needs inputs with names"]);
    refused(&[&plain, "-o", "x"], &["--output-dir"]);
    let onto = ["run", "--config", &rules, "--output-dir", &here, &twin, &odd, &plain];
    ottl(onto, b"").ends(2);
    let own = dir.file("other/rules.yaml", log("a"));
    ottl(["run", "--config", &rules, "--output-dir", &here, &own], b"").ends(2).names(&["rules", "one file"]);
    assert_eq!(contents(&rules), RULES.as_bytes());
}

/// A file system of 1 MiB, in a mount namespace of its own that goes with its processes: what is in it after `script`, whose `$1`
/// is the binary and whose working directory is `dir` with the file system at `disk`. Nothing where the system does not let us.
#[cfg(target_os = "linux")]
fn on_a_small_disk(dir: &Dir, script: &str) -> Option<std::process::Output> {
    std::fs::create_dir_all(dir.path("disk")).expect("a directory");
    let mounted = |script: &str| {
        let script = format!(
            "cd \"$2\" && mount -t tmpfs -o size=1m none disk || exit 99\n{script}\nstatus=$?\nls -A disk\nexit $status"
        );
        let mut unshare = std::process::Command::new("unshare");
        unshare.args(["-rm", "sh", "-c", &script, "sh", env!("CARGO_BIN_EXE_ottl"), &dir.path("")]);
        unshare.output().ok().filter(|output| output.status.code() != Some(99))
    };
    if !mounted("true").is_some_and(|output| output.status.success()) {
        eprintln!("SKIPPED: no file system can be mounted here, so that full disks are not tried");
        return None;
    }
    mounted(script)
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_file_system_changes_nothing_and_leaves_nothing() {
    let dir = Dir::new();
    dir.file("rules.yaml", RULES);
    let mut seed = 7_u64;
    let mut line = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("{}\n", log(&format!("{seed:016x}").repeat(2)))
    };
    let large: String = (0..12_000).map(|_| line()).collect();
    let (small, middle) = (&large[..200 * line().len()], &large[..4000 * line().len()]);
    assert!(large.len() > 1 << 20 && middle.len() > 500 << 10);
    for (name, text) in [("large.jsonl", &large[..]), ("middle.jsonl", middle), ("small.jsonl", small)] {
        dir.file(name, text);
    }
    dir.file("fmt.yaml", format!("log_statements: ['set(log.body,1)']\n{}", "# kept\n".repeat(90_000)));
    let run = "\"$1\" run --config rules.yaml";
    let same = |file: &str, with: &str| format!("status=$?; cmp {file} {with} || exit 98; (exit $status)");
    let rows = [
        // A new file, compressed or not.
        ("out.jsonl", format!("{run} large.jsonl -o disk/out.jsonl"), ""),
        (
            "out.jsonl.gz",
            format!("head -c 1000000 /dev/zero > disk/fill; {run} large.jsonl -o disk/out.jsonl.gz"),
            "fill\n",
        ),
        (
            "out.jsonl.zst",
            format!("head -c 1000000 /dev/zero > disk/fill; {run} large.jsonl -o disk/out.jsonl.zst"),
            "fill\n",
        ),
        (
            "out.pb",
            format!("head -c 1000000 /dev/zero > disk/fill; {run} large.jsonl --to framed -o disk/out.pb"),
            "fill\n",
        ),
        // In place, with one link and with two, and where the new file finds room and the old one cannot grow to it.
        (
            "data.jsonl",
            format!(
                "cp middle.jsonl disk/data.jsonl; {run} disk/data.jsonl -o disk/data.jsonl; {}",
                same("middle.jsonl", "disk/data.jsonl")
            ),
            "data.jsonl\n",
        ),
        (
            "data.jsonl",
            format!(
                "cp small.jsonl disk/data.jsonl; ln disk/data.jsonl disk/twin; {run} middle.jsonl -o disk/data.jsonl; {}",
                same("small.jsonl", "disk/twin")
            ),
            "data.jsonl\ntwin\n",
        ),
        (
            "rules.yaml",
            format!("cp fmt.yaml disk/rules.yaml; \"$1\" fmt disk/rules.yaml; {}", same("fmt.yaml", "disk/rules.yaml")),
            "rules.yaml\n",
        ),
        // The first of two outputs is whole.
        (
            "b.jsonl",
            format!(
                "cp middle.jsonl a.jsonl; cp middle.jsonl b.jsonl; {run} a.jsonl b.jsonl --output-dir disk; status=$?; test \"$(wc -l < disk/a.jsonl)\" = 4000 || exit 98; (exit $status)"
            ),
            "a.jsonl\n",
        ),
        (
            "report.json",
            format!(
                "echo old > disk/report.json; cat /dev/zero > disk/fill; {run} small.jsonl -o out.jsonl --report disk/report.json; status=$?; test \"$(cat disk/report.json)\" = old || exit 98; (exit $status)"
            ),
            "fill\nreport.json\n",
        ),
    ];
    for (name, script, left) in rows {
        let Some(done) = on_a_small_disk(&dir, &script) else { return };
        let err = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(1), "{script}: {err}");
        assert!(err.contains(&format!("disk/{name}: cannot write: No space left on device")), "{script}: {err}");
        assert_eq!(String::from_utf8_lossy(&done.stdout), left, "{script}");
    }
}
