//! Brings the dashboard into the binary.
//!
//! `SCHED_WEB` says how: `auto` (the default) builds it when npm is there, `require` fails without, `skip` takes what is
//! there. The Rust build itself never fails for want of Node: a page that says how to get the dashboard goes in instead.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script hears from cargo by the environment alone"
)]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

type Outcome<T> = Result<T, String>;

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../web-ui");
    let root = root.canonicalize().unwrap_or(root);
    println!("cargo:rerun-if-env-changed=SCHED_WEB");
    for source in [
        "src",
        "public",
        "index.html",
        "package.json",
        "package-lock.json",
        "vite.config.ts",
    ] {
        println!("cargo:rerun-if-changed={}", root.join(source).display());
    }
    // The guides are embedded too; a file that is added to them is noticed here.
    println!("cargo:rerun-if-changed={}", root.join("../docs/api").display());
    let mode = env::var("SCHED_WEB").unwrap_or_else(|_| "auto".to_owned());
    let dist = root.join("dist");
    let result = match mode.as_str() {
        "skip" => Ok(()),
        "auto" | "require" => build(&root, &dist),
        other => Err(format!("SCHED_WEB={other} is not known; use auto, require or skip")),
    };
    if let Err(why) = &result {
        assert!(mode == "auto", "the dashboard was not built: {why}");
        println!("cargo:warning=the dashboard was not built: {why}");
        println!(
            "cargo:warning=the server works without it; install Node.js 20.19 or newer with npm and build again to get it"
        );
    }
    let folder = if dist.join("index.html").is_file() {
        dist
    } else {
        placeholder()
    };
    println!("cargo:rustc-env=DASHBOARD_DIR={}", folder.display());
}

fn build(root: &Path, dist: &Path) -> Outcome<()> {
    if !root.join("package.json").is_file() {
        return Err(format!("{} has no package.json", root.display()));
    }
    if newest(dist) > newest_source(root) {
        return Ok(());
    }
    check_node()?;
    let lock = fs::read(root.join("package-lock.json")).map_err(|error| format!("package-lock.json: {error}"))?;
    let mark = root.join("node_modules/.installed-lock");
    if fs::read(&mark).ok().as_deref() != Some(lock.as_slice()) {
        run(root, &["ci", "--ignore-scripts", "--no-audit", "--no-fund"])?;
        fs::write(&mark, &lock).map_err(|error| error.to_string())?;
    }
    run(root, &["run", "build"])
}

fn check_node() -> Outcome<()> {
    let output = Command::new("node")
        .arg("--version")
        .output()
        .map_err(|_| "Node.js was not found".to_owned())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut parts = text
        .trim()
        .trim_start_matches('v')
        .split('.')
        .map(|part| part.parse::<u32>().unwrap_or(0));
    let version = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if version >= (20, 19) {
        Ok(())
    } else {
        Err(format!("Node.js {} is older than 20.19", text.trim()))
    }
}

fn run(root: &Path, arguments: &[&str]) -> Outcome<()> {
    let what = format!("npm {}", arguments.join(" "));
    let output = Command::new("npm")
        .args(arguments)
        .current_dir(root)
        .output()
        .map_err(|error| format!("{what}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let tail: Vec<&str> = text.lines().rev().take(15).collect();
    Err(format!(
        "{what} failed: {}",
        tail.into_iter().rev().collect::<Vec<_>>().join(" | ")
    ))
}

fn newest_source(root: &Path) -> Option<SystemTime> {
    let files =
        ["index.html", "package.json", "package-lock.json", "vite.config.ts"].map(|name| newest(&root.join(name)));
    files
        .into_iter()
        .chain([newest(&root.join("src")), newest(&root.join("public"))])
        .max()
        .flatten()
}

/// The time of the newest file below a path.
fn newest(path: &Path) -> Option<SystemTime> {
    if path.is_dir() {
        let entries = fs::read_dir(path).ok()?;
        return entries.flatten().map(|entry| newest(&entry.path())).max().flatten();
    }
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

/// A folder with a page that says how to get the dashboard.
fn placeholder() -> PathBuf {
    let folder = PathBuf::from(env::var("OUT_DIR").unwrap_or_default()).join("no-dashboard");
    let page = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Job Scheduler</title></head><body>\
        <h1>Job Scheduler runs, without its dashboard</h1>\
        <p>This binary was built on a machine without Node.js. To get the dashboard, install Node.js 20.19 or newer with npm and \
        build again: <code>cargo build --release</code>.</p>\
        <p>Everything else works: see the <a href=\"/docs\">API reference</a> and the <a href=\"/dev/mailbox\">developer mailbox</a>.</p>\
        </body></html>";
    // When this fails the compiler says which folder is missing.
    let _ = fs::create_dir_all(&folder).and_then(|()| fs::write(folder.join("index.html"), page));
    folder
}
