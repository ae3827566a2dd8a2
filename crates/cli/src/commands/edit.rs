//! `jobs edit`

use super::{Context, plan};
use crate::{
    client::Request,
    description::{self, FIELDS, check_fields},
    difference::{self, Change},
    error::{Error, Result},
    interrupts, numbers, prompt, randomness,
    words::text,
    yaml,
};
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::{
    fs::{self, OpenOptions},
    io::{IsTerminal, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Fields that are cleared when their lines are deleted; the others have no "none".
const CLEARABLE: &[&str] = &[
    "external_id",
    "description",
    "tags",
    "schedule",
    "payload",
    "run_timeout_seconds",
    "max_running",
    "notices",
];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The id, or ext: and the external id
    job: String,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<()> {
    let mut job = context.client.get(&["jobs", &args.job]).await?;
    let mut draft = Draft::new(&job)?;
    loop {
        draft.open(&context.editor).await?;
        let wanted = match draft.read() {
            Ok(wanted) => wanted,
            Err(error) => {
                draft.again_after(&error, "Edit again?").await?;
                continue;
            }
        };
        let changes = changes(&wanted, &job);
        if changes.is_empty() {
            draft.remove();
            eprintln!("Nothing was changed.");
            return Ok(());
        }
        let request = Request::new(Method::PATCH, &["jobs", text(&job, "job_id")])
            .json(&patch(&wanted, &changes))
            .if_match(job["version"].as_i64().unwrap_or_default());
        match context.client.send(request).await {
            Ok(answer) => {
                draft.remove();
                let stored = answer.json()?;
                if context.terminal.json {
                    return context.terminal.value(&stored);
                }
                context.terminal.line(format!(
                    "Changed {} ({})",
                    text(&stored, "job_name"),
                    text(&stored, "job_id")
                ))?;
                return plan::print_changes(&changes, context.terminal);
            }
            Err(error) if error.code() == Some("version_conflict") => {
                let now = context.client.get(&["jobs", text(&job, "job_id")]).await?;
                eprintln!(
                    "Somebody else changed the job meanwhile.\n{}",
                    both(&job, &now, &changes)
                );
                draft
                    .again_after(&error, "Edit again, on top of what is stored now?")
                    .await?;
                job = now;
            }
            Err(error) if error.status() == Some(422) => draft.again_after(&error, "Edit again?").await?,
            Err(error) => {
                eprintln!("What you wrote is kept in {}", draft.path.display());
                return Err(error);
            }
        }
    }
}

/// The file that is edited.
struct Draft {
    path: PathBuf,
}

impl Draft {
    fn new(job: &Value) -> Result<Self> {
        let path = std::env::temp_dir().join(format!("jobs-edit-{}.yaml", randomness::word()));
        let description = description::of_job(job);
        let absent: Vec<_> = FIELDS
            .iter()
            .filter(|field| !description.contains_key(**field) && **field != "paused")
            .copied()
            .collect();
        let text = format!(
            "# {} ({}), version {}. Deleting a line clears the field; secrets (***) stay what they are.\n# Not set: {}\n{}",
            description_line(job),
            text(job, "job_id"),
            job["version"],
            absent.join(", "),
            description::write(&without_paused(description), 0),
        );
        let mut file = OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(|error| Error::local(format!("cannot make {}", path.display()), error))?;
        file.write_all(text.as_bytes())
            .map_err(|error| Error::local(format!("cannot write {}", path.display()), error))?;
        Ok(Self { path })
    }

    async fn open(&self, editor: &str) -> Result<()> {
        let _held = interrupts::Held::begin();
        let (command, path) = (format!("{editor} \"$1\""), self.path.clone());
        let ended = tokio::task::spawn_blocking(move || {
            std::process::Command::new("sh")
                .args(["-c", &command, "sh"])
                .arg(path)
                .status()
        });
        let status = ended.await.map_err(std::io::Error::other).and_then(|status| status);
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(Error::usage_with(
                format!(
                    "the editor {editor:?} ended with {status}; nothing was changed. The draft is {}",
                    self.path.display()
                ),
                "name your editor in EDITOR",
            )),
            Err(error) => Err(Error::local(format!("cannot start the editor {editor:?}"), error)),
        }
    }

    fn read(&self) -> Result<Map<String, Value>> {
        let place = "your draft";
        let text = fs::read_to_string(&self.path)
            .map_err(|error| Error::local(format!("cannot read {}", self.path.display()), error))?;
        let Value::Object(wanted) = yaml::read(place, &text)? else {
            return Err(Error::usage(format!("{place}: this is no map of fields")));
        };
        check_fields(&wanted).map_err(|mistake| Error::usage(format!("{place}: {mistake}")))?;
        if wanted.contains_key("paused") {
            return Err(Error::usage_with(
                format!("{place}: paused is no part of an edit"),
                "jobs pause, jobs resume",
            ));
        }
        Ok(wanted)
    }

    /// Asks whether to go on after a mistake; without a terminal the error is the end.
    async fn again_after(&self, error: &Error, question: &str) -> Result<()> {
        eprintln!("{}", error.report());
        if std::io::stdin().is_terminal() {
            let answer = prompt::ask(&format!("{question} [Y/n] ")).await?;
            if matches!(answer.to_lowercase().as_str(), "" | "y" | "yes") {
                return Ok(());
            }
        }
        eprintln!("Nothing was changed. What you wrote is kept in {}", self.path.display());
        Err(Error::Exit(error.exit_code()))
    }

    fn remove(&mut self) {
        let _ = fs::remove_file(Path::new(&self.path));
    }
}

fn description_line(job: &Value) -> String {
    crate::terminal::harmless(text(job, "job_name"))
}

fn without_paused(mut description: Map<String, Value>) -> Map<String, Value> {
    description.remove("paused");
    description
}

/// Lines that were deleted clear their fields.
fn changes(wanted: &Map<String, Value>, job: &Value) -> Vec<Change> {
    let mut complete = wanted.clone();
    for field in CLEARABLE {
        complete.entry((*field).to_owned()).or_insert(Value::Null);
    }
    // A secret that is spelled out was typed in just now.
    difference::changes(&complete, &job.as_object().cloned().unwrap_or_default(), true)
}

fn patch(wanted: &Map<String, Value>, changes: &[Change]) -> Value {
    let mut patch = Map::new();
    for change in changes {
        let field = change.path.split('.').next().unwrap_or_default();
        let value = wanted.get(field).cloned().unwrap_or_default();
        let value = if field == "tags" && value.is_null() {
            json!([])
        } else {
            value
        };
        patch.insert(field.to_owned(), value);
    }
    Value::Object(patch)
}

/// What the others changed, and what you wanted to.
fn both(before: &Value, now: &Value, mine: &[Change]) -> String {
    let object = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let mut wanted = description::of_job(now);
    wanted.remove("paused");
    for field in CLEARABLE {
        wanted.entry((*field).to_owned()).or_insert(Value::Null);
    }
    let theirs = difference::changes(&wanted, &object(before), true);
    let list = |title: &str, changes: &[Change]| {
        let lines: Vec<_> = changes
            .iter()
            .map(|change| {
                format!(
                    "    {}: {} → {}",
                    change.path,
                    shown(change.before.as_ref()),
                    shown(change.after.as_ref())
                )
            })
            .collect();
        format!(
            "  {title}\n{}",
            if lines.is_empty() {
                "    nothing in these fields".to_owned()
            } else {
                lines.join("\n")
            }
        )
    };
    format!(
        "{}\n{}",
        list(&format!("stored now (version {}):", now["version"]), &theirs),
        list(&format!("yours (made of version {}):", before["version"]), mine)
    )
}

fn shown(value: Option<&Value>) -> String {
    crate::terminal::harmless(&value.map_or_else(|| "none".to_owned(), numbers::write))
}
