//! The runs that the table shows.

use crate::{
    client::{Client, Request},
    error::Result,
    follow::is_over,
    words::text,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// So many ended runs are remembered.
const ENDED: usize = 100;

/// Runs by id. Ids grow with time.
#[derive(Debug, Default)]
pub(super) struct State {
    runs: BTreeMap<String, Value>,
}

impl State {
    /// Reads what is under way, and the latest that ended.
    pub(super) async fn load(&mut self, client: &Client, jobs: &[String]) -> Result<()> {
        self.runs.clear();
        for (status, limit) in [("Queued,Running,Retrying", 200), ("Completed,Failed,Cancelled", 50)] {
            if jobs.is_empty() {
                let request = Request::get(&["runs"]).query("status", status).query("limit", limit);
                self.take(client, request).await?;
            }
            for job in jobs {
                let request = Request::get(&["jobs", job, "runs"])
                    .query("status", status)
                    .query("limit", limit);
                self.take(client, request).await?;
            }
        }
        Ok(())
    }

    async fn take(&mut self, client: &Client, request: Request) -> Result<()> {
        let page = client.send(request).await?.json()?;
        for run in page["data"].as_array().into_iter().flatten() {
            self.runs.insert(text(run, "run_id").to_owned(), run.clone());
        }
        Ok(())
    }

    /// Takes in an event.
    pub(super) fn hear(&mut self, event: &Value) {
        let run = &event["data"]["run"];
        if let Some(id) = run["run_id"].as_str() {
            self.runs.insert(id.to_owned(), run.clone());
        }
        if text(event, "type") == "job.deleted" {
            let job = text(&event["data"], "job_id").to_owned();
            self.runs.retain(|_, run| text(run, "job_id") != job);
        }
        while self.runs.len() > 2 * ENDED {
            let oldest = self.runs.iter().find(|(_, run)| is_over(run)).map(|(id, _)| id.clone());
            let Some(oldest) = oldest else { break };
            self.runs.remove(&oldest);
        }
    }

    /// How many runs have a status.
    pub(super) fn count(&self, status: &str) -> usize {
        self.runs.values().filter(|run| text(run, "status") == status).count()
    }

    /// What is under way, oldest first; then what ended, latest first.
    pub(super) fn in_order(&self) -> Vec<&Value> {
        let rank = |run: &Value| match text(run, "status") {
            "Running" => 0,
            "Retrying" => 1,
            _ => 2,
        };
        let (mut ended, mut alive): (Vec<_>, Vec<_>) = self.runs.values().partition(|run| is_over(run));
        alive.sort_by_key(|run| rank(run));
        ended.sort_by(|a, b| text(b, "finished_at").cmp(text(a, "finished_at")));
        alive.into_iter().chain(ended).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(id: &str, status: &str, finished_at: &str) -> Value {
        json!({"type": "run.x", "data": {"job_id": "j", "run": {"run_id": id, "job_id": "j", "status": status, "finished_at": finished_at}}})
    }

    #[test]
    fn what_is_under_way_comes_first_then_the_latest() {
        let mut state = State::default();
        for (id, status, at) in [
            ("1", "Completed", "b"),
            ("2", "Queued", ""),
            ("3", "Failed", "c"),
            ("4", "Running", ""),
        ] {
            state.hear(&event(id, status, at));
        }
        let order: Vec<_> = state
            .in_order()
            .iter()
            .map(|run| text(run, "run_id").to_owned())
            .collect();
        assert_eq!(order, ["4", "2", "3", "1"]);
        state.hear(&event("4", "Completed", "d"));
        assert_eq!((state.count("Running"), state.count("Completed")), (0, 2));
        state.hear(&json!({"type": "job.deleted", "data": {"job_id": "j"}}));
        assert!(state.in_order().is_empty());
    }

    #[test]
    fn it_does_not_grow_for_ever() {
        let mut state = State::default();
        for id in 0..1_000 {
            state.hear(&event(&format!("{id:05}"), "Completed", "x"));
        }
        assert_eq!(state.in_order().len(), 2 * ENDED);
        assert!(state.in_order().iter().any(|run| text(run, "run_id") == "00999"));
    }
}
