//! `jobs plan`

use super::Context;
use crate::{
    client::Request,
    description::{self, Item},
    difference::{self, Change},
    error::{Error, Result, exit},
    numbers,
    pages::{self, Paging},
    terminal::{Colour, Terminal, harmless},
    words::text,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Up to so many jobs are asked for one by one; for more the whole list is read.
const ONE_BY_ONE: usize = 20;
/// A value that is longer is cut in the plan.
const LONGEST: usize = 60;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub source: Source,
    /// Exit code 8 when there are differences
    #[arg(long)]
    exit_code: bool,
}

/// What plan and apply have in common.
#[derive(Debug, clap::Args)]
pub(crate) struct Source {
    /// YAML or JSON as jobs export writes it, - for standard input
    pub file: String,
    /// Deletes jobs with an external id that are not in the file
    #[arg(long)]
    pub prune: bool,
    /// Compares and sends secrets that the file spells out, although the server shows them as ***
    #[arg(long)]
    pub secrets: bool,
}

/// What is to be done about one job.
#[derive(Debug)]
pub(crate) enum Step {
    Create(Item),
    Change {
        item: Item,
        job: Value,
        changes: Vec<Change>,
    },
    Delete(Value),
    Same(String),
}

impl Step {
    pub(crate) fn external_id(&self) -> &str {
        match self {
            Self::Create(item) | Self::Change { item, .. } => &item.external_id,
            Self::Delete(job) => text(job, "external_id"),
            Self::Same(id) => id,
        }
    }

    pub(crate) fn action(&self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            Self::Change { .. } => "change",
            Self::Delete(_) => "delete",
            Self::Same(_) => "unchanged",
        }
    }
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<()> {
    let steps = steps(&args.source, context).await?;
    print(&steps, context.terminal)?;
    if args.exit_code && steps.iter().any(|step| !matches!(step, Step::Same(_))) {
        return Err(Error::Exit(exit::DIFFERENT));
    }
    Ok(())
}

/// Compares the file with the server.
pub(crate) async fn steps(source: &Source, context: &Context) -> Result<Vec<Step>> {
    let items = description::read_items(description::place(&source.file), &description::read_file(&source.file)?)?;
    let wanted: BTreeSet<_> = items.iter().map(|item| item.external_id.clone()).collect();
    let mut stored = stored(&wanted, source.prune, context).await?;
    let (mut steps, mut mistakes) = (Vec::new(), Vec::new());
    for item in items {
        match stored.remove(&item.external_id) {
            Some(job) => steps.push(compare(item, job, source.secrets)),
            None => {
                let id = &item.external_id;
                mistakes.extend(
                    description::hidden(&item.fields)
                        .into_iter()
                        .map(|path| format!("{id}: {path} is ***, but the job is new")),
                );
                if !item.fields.contains_key("job_name") {
                    mistakes.push(format!("{id}: job_name is missing, and the job is new"));
                }
                steps.push(Step::Create(item));
            }
        }
    }
    if !mistakes.is_empty() {
        let what = format!("{}: {}", description::place(&source.file), mistakes.join("\n       "));
        return Err(Error::usage_with(
            what,
            "mend these (secrets are written out for new jobs); nothing was applied",
        ));
    }
    if source.prune {
        steps.extend(stored.into_values().map(Step::Delete));
    }
    Ok(steps)
}

async fn stored(wanted: &BTreeSet<String>, everything: bool, context: &Context) -> Result<BTreeMap<String, Value>> {
    let mut found = BTreeMap::new();
    if everything || wanted.len() > ONE_BY_ONE {
        let page = pages::fetch(&context.client, &Request::get(&["jobs"]), &Paging::everything()).await?;
        for job in page.values().filter(|job| job["external_id"].is_string()) {
            found.insert(text(&job, "external_id").to_owned(), job);
        }
    } else {
        for id in wanted {
            match context.client.get(&["jobs", &format!("ext:{id}")]).await {
                Ok(job) => drop(found.insert(id.clone(), job)),
                Err(error) if error.status() == Some(404) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(found)
}

fn compare(item: Item, job: Value, secrets: bool) -> Step {
    let fields = job.as_object().cloned().unwrap_or_default();
    let mut changes = difference::changes(&item.fields, &fields, secrets);
    if let Some(paused) = item.paused
        && job["paused"] != paused
    {
        changes.push(Change {
            path: "paused".into(),
            before: Some(job["paused"].clone()),
            after: Some(paused.into()),
        });
    }
    if changes.is_empty() {
        return Step::Same(item.external_id);
    }
    Step::Change { item, job, changes }
}

/// Writes the plan.
pub(crate) fn print(steps: &[Step], terminal: Terminal) -> Result<()> {
    if terminal.json {
        let data: Vec<_> = steps.iter().map(step_json).collect();
        return terminal.value(&json!({"data": data}));
    }
    for step in steps {
        let id = harmless(step.external_id());
        match step {
            Step::Create(item) => {
                let name = harmless(item.fields["job_name"].as_str().unwrap_or_default());
                terminal.line(terminal.paint(Colour::Green, &format!("+ {id}  {name}")))?;
            }
            Step::Delete(job) => {
                let name = harmless(text(job, "job_name"));
                terminal.line(terminal.paint(Colour::Red, &format!("- {id}  {name}")))?;
            }
            Step::Change { changes, .. } => {
                terminal.line(terminal.paint(Colour::Yellow, &format!("~ {id}")))?;
                print_changes(changes, terminal)?;
            }
            Step::Same(_) => {}
        }
    }
    let count = |action| steps.iter().filter(|step| step.action() == action).count();
    terminal.line(format!(
        "{} to create, {} to change, {} to delete, {} unchanged",
        count("create"),
        count("change"),
        count("delete"),
        count("unchanged")
    ))
}

/// Writes each change on a line of its own.
pub(crate) fn print_changes(changes: &[Change], terminal: Terminal) -> Result<()> {
    let width = changes.iter().map(|change| change.path.len()).max().unwrap_or_default();
    for change in changes {
        let before = terminal.paint(Colour::Red, &short(change.before.as_ref()));
        let after = terminal.paint(Colour::Green, &short(change.after.as_ref()));
        terminal.line(format!("    {:<width$}  {before} → {after}", change.path))?;
    }
    Ok(())
}

fn short(value: Option<&Value>) -> String {
    let text = value.map_or_else(|| "none".to_owned(), numbers::write);
    crate::table::cut(&harmless(&text), LONGEST)
}

fn step_json(step: &Step) -> Value {
    let mut out = json!({"external_id": step.external_id(), "action": step.action()});
    if let Step::Change { changes, .. } = step {
        let changes: Vec<_> = changes
            .iter()
            .map(|change| json!({"path": change.path, "before": change.before, "after": change.after}))
            .collect();
        out["changes"] = changes.into();
    }
    out
}
