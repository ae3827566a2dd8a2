//! `jobs apply`

use super::{
    Context,
    plan::{self, Source, Step},
};
use crate::{
    client::Request,
    description::Item,
    difference::Change,
    error::{Error, Result},
    prompt,
    terminal::{Colour, harmless},
    words::{self, text},
};
use reqwest::Method;
use serde_json::{Map, Value, json};

/// New jobs in one request: well below the limits of the API on number and size, so that progress shows.
const BATCH: usize = 100;
const BATCH_BYTES: usize = 512 * 1024;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    source: Source,
    /// Does not ask before --prune deletes
    #[arg(short, long)]
    yes: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<()> {
    let steps = plan::steps(&args.source, context).await?;
    let deletions = steps.iter().filter(|step| matches!(step, Step::Delete(_))).count();
    if deletions > 0 && !args.yes {
        if !context.terminal.json {
            plan::print(&steps, context.terminal)?;
        }
        prompt::confirm(
            &format!("Delete {}?", words::count(deletions, "job")),
            "nothing was applied",
        )
        .await?;
    }
    let mut report = Report::new(context);
    let mut new = Vec::new();
    for step in steps {
        match step {
            Step::Create(item) => new.push(item),
            Step::Change { item, job, changes } => {
                let result = change(&item, &job, &changes, context).await;
                report.item(&item.external_id, "change", result.map(drop))?;
            }
            Step::Delete(job) => {
                let result = delete(&job, context).await;
                report.item(text(&job, "external_id"), "delete", result)?;
            }
            Step::Same(id) => report.same(&id),
        }
    }
    create(new, context, &mut report).await?;
    report.finish()
}

/// One `PATCH` with everything that differs, if the job is still the one that was compared; then the pause.
async fn change(item: &Item, job: &Value, changes: &[Change], context: &Context) -> Result<()> {
    let id = text(job, "job_id");
    let mut patch = Map::new();
    for change in changes {
        let field = change.path.split('.').next().unwrap_or_default();
        if let Some(value) = item.fields.get(field) {
            // A list cannot be null.
            let value = if field == "tags" && value.is_null() {
                json!([])
            } else {
                value.clone()
            };
            patch.insert(field.to_owned(), value);
        }
    }
    if !patch.is_empty() {
        let request = Request::new(Method::PATCH, &["jobs", id]).json(&Value::Object(patch));
        let request = request.if_match(job["version"].as_i64().unwrap_or_default());
        context.client.send(request).await?;
    }
    if changes.iter().any(|change| change.path == "paused") {
        set_paused(id, item.paused == Some(true), context).await?;
    }
    Ok(())
}

async fn set_paused(id: &str, paused: bool, context: &Context) -> Result<()> {
    let action = if paused { "pause" } else { "resume" };
    context.client.act(&["jobs", id, action]).await.map(drop)
}

async fn delete(job: &Value, context: &Context) -> Result<()> {
    let request = Request::new(Method::DELETE, &["jobs", text(job, "job_id")]);
    let request = request.if_match(job["version"].as_i64().unwrap_or_default());
    context.client.send(request).await.map(drop)
}

async fn create(items: Vec<Item>, context: &Context, report: &mut Report<'_>) -> Result<()> {
    for batch in batches(items) {
        let jobs: Vec<_> = batch.iter().map(|item| &item.fields).collect();
        let answer = match context.client.post(&["jobs", "batch"], &json!({"jobs": jobs})).await {
            Ok(answer) => answer,
            Err(error) => {
                for item in &batch {
                    report.item(&item.external_id, "create", Err(Error::Failed(error.to_string())))?;
                }
                continue;
            }
        };
        let results = answer["data"].as_array().cloned().unwrap_or_default();
        for (index, item) in batch.iter().enumerate() {
            let result = results.iter().find(|result| result["index"] == index);
            let outcome = match result {
                Some(result) if result["status"] == 201 => match item.paused {
                    Some(true) => {
                        let paused = set_paused(text(&result["job"], "job_id"), true, context).await;
                        paused.map_err(|error| Error::Failed(format!("created, but not paused: {error}")))
                    }
                    _ => Ok(()),
                },
                Some(result) => Err(refusal(&result["problem"])),
                None => Err(Error::Failed("the server said nothing about it".into())),
            };
            report.item(&item.external_id, "create", outcome)?;
        }
    }
    Ok(())
}

fn refusal(problem: &Value) -> Error {
    serde_json::from_value(problem.clone()).map_or_else(
        |_| Error::Failed(problem.to_string()),
        |problem| Error::Problem(Box::new(problem)),
    )
}

fn batches(items: Vec<Item>) -> Vec<Vec<Item>> {
    let (mut batches, mut size) = (Vec::<Vec<Item>>::new(), 0);
    for item in items {
        let bytes = Value::Object(item.fields.clone()).to_string().len();
        match batches.last_mut() {
            Some(batch) if batch.len() < BATCH && size + bytes <= BATCH_BYTES => {
                batch.push(item);
                size += bytes;
            }
            _ => {
                batches.push(vec![item]);
                size = bytes;
            }
        }
    }
    batches
}

/// What became of each job.
struct Report<'a> {
    context: &'a Context,
    data: Vec<Value>,
    done: usize,
    same: usize,
    failed: usize,
}

impl<'a> Report<'a> {
    fn new(context: &'a Context) -> Self {
        Self {
            context,
            data: Vec::new(),
            done: 0,
            same: 0,
            failed: 0,
        }
    }

    fn same(&mut self, id: &str) {
        self.same += 1;
        self.data
            .push(json!({"external_id": id, "action": "unchanged", "ok": true}));
    }

    fn item(&mut self, id: &str, action: &str, result: Result<()>) -> Result<()> {
        let terminal = self.context.terminal;
        let line = match result {
            Ok(()) => {
                self.done += 1;
                self.data.push(json!({"external_id": id, "action": action, "ok": true}));
                let done = match action {
                    "create" => "created",
                    "change" => "changed",
                    _ => "deleted",
                };
                format!("{} {}", terminal.paint(Colour::Green, done), harmless(id))
            }
            Err(error) => {
                self.failed += 1;
                self.data.push(json!({"external_id": id, "action": action, "ok": false, "code": error.code(), "error": error.to_string()}));
                format!(
                    "{}  {} ({action}): {error}",
                    terminal.paint(Colour::Red, "failed"),
                    harmless(id)
                )
            }
        };
        if terminal.json { Ok(()) } else { terminal.line(line) }
    }

    fn finish(self) -> Result<()> {
        let terminal = self.context.terminal;
        if terminal.json {
            terminal.value(&json!({"data": self.data}))?;
        } else {
            terminal.line(format!(
                "{} applied, {} unchanged, {} failed",
                self.done, self.same, self.failed
            ))?;
        }
        match self.failed {
            0 => Ok(()),
            failed => Err(Error::Failed(format!(
                "{} not applied; the same command again does what is missing",
                words::count(failed, "job")
            ))),
        }
    }
}
