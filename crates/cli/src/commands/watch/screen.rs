//! The live table.

use super::{
    super::Context,
    state::State,
    stream::{Stream, Told},
};
use crate::{
    error::Result,
    interrupts,
    table::{Cell, Table, cut},
    terminal::{Colour, Terminal, status_colour},
    words::{self, text},
};
use serde_json::Value;
use std::{fmt::Write as _, time::Duration};

/// How often the table is drawn at most. Clocks of what is under way go on by it.
const TICK: Duration = Duration::from_millis(250);
const BAR: usize = 20;
/// Room for the id of a run beside everything else.
const WIDE: usize = 120;

pub(super) async fn run(jobs: Vec<String>, context: &Context) -> Result<()> {
    let _held = interrupts::Held::begin();
    let mut stream = Stream::new(&context.client, jobs.clone(), None);
    let mut state = State::default();
    let mut line = Line::Connecting;
    // The first connection fails before the screen is taken, so that its error can be read.
    let first = stream.next().await?;
    take_in(first, &mut state, &mut line, &jobs, context).await?;
    let screen = Screen::enter(context.terminal)?;
    let mut tick = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            told = stream.next() => take_in(told?, &mut state, &mut line, &jobs, context).await?,
            _ = tick.tick() => screen.draw(&state, &line, context)?,
            _ = tokio::signal::ctrl_c() => return Ok(()),
        }
    }
}

/// How the line is.
enum Line {
    Connecting,
    Live,
    Down(String),
}

async fn take_in(told: Told, state: &mut State, line: &mut Line, jobs: &[String], context: &Context) -> Result<()> {
    match told {
        Told::Begin => match state.load(&context.client, jobs).await {
            Ok(()) => *line = Line::Live,
            Err(error) if error.exit_code() == crate::error::exit::UNAVAILABLE => *line = Line::Down(error.to_string()),
            Err(error) => return Err(error),
        },
        Told::Event(event) => {
            state.hear(&event);
            *line = Line::Live;
        }
        Told::Down(why) => *line = Line::Down(why),
    }
    Ok(())
}

/// The other screen of the terminal; dropped, it gives the first one back.
struct Screen(Terminal);

impl Screen {
    fn enter(terminal: Terminal) -> Result<Self> {
        let screen = Self(terminal);
        terminal.write("\x1b[?1049h\x1b[?25l\x1b[2J")?;
        Ok(screen)
    }

    fn draw(&self, state: &State, line: &Line, context: &Context) -> Result<()> {
        let (width, height) = self.0.size().unwrap_or((80, 24));
        let mut out = String::from("\x1b[H");
        for row in page(
            self.0,
            state,
            line,
            context.client.settings().url.as_str(),
            width,
            height,
        ) {
            // Each line is cleared behind its end: nothing flickers.
            let _ = write!(out, "{row}\x1b[K\r\n");
        }
        let _ = write!(out, "{}\x1b[K\x1b[J", self.0.paint(Colour::Dim, "Ctrl-C ends"));
        self.0.write(&out)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.0.write("\x1b[?25h\x1b[?1049l");
    }
}

fn page(terminal: Terminal, state: &State, line: &Line, server: &str, width: usize, height: usize) -> Vec<String> {
    let how = match line {
        Line::Connecting => terminal.paint(Colour::Yellow, "connecting"),
        Line::Live => terminal.paint(Colour::Green, "live"),
        Line::Down(why) => terminal.paint(
            Colour::Red,
            &cut(&format!("not live: {why}; connecting again"), width.saturating_sub(4)),
        ),
    };
    let count = |status| terminal.paint(status_colour(status), &format!("{} {status}", state.count(status)));
    let mut rows = vec![
        format!("{}  {how}", terminal.paint(Colour::Bold, &cut(server, width / 2))),
        [count("Running"), count("Retrying"), count("Queued"), count("Failed")].join("  "),
        String::new(),
    ];
    let mut headings = vec!["STATUS", "JOB", "PROGRESS", "TOOK", "NOTE"];
    let wide = width >= WIDE;
    if wide {
        headings.push("RUN ID");
    }
    let mut table = Table::new(&headings);
    for run in state.in_order().into_iter().take(height.saturating_sub(rows.len() + 2)) {
        let mut cells = vec![
            Cell::status(text(run, "status")),
            Cell::new(text(run, "job_name")),
            Cell::coloured(bar(run), status_colour(text(run, "status"))),
            Cell::new(words::took(run)),
            Cell::new(note(run)),
        ];
        if wide {
            cells.push(Cell::new(text(run, "run_id")));
        }
        table.row(cells);
    }
    rows.extend(table.lines(terminal, Some(width)));
    rows
}

/// `████████░░░░░░░░░░░░  40 %`
fn bar(run: &Value) -> String {
    let progress = match (text(run, "status"), run["progress"].as_u64()) {
        ("Completed", _) => 100,
        (_, Some(progress)) => progress.min(100),
        (_, None) => return String::new(),
    };
    let full = usize::try_from(progress).unwrap_or_default() * BAR / 100;
    format!("{}{} {progress:>3} %", "█".repeat(full), "░".repeat(BAR - full))
}

fn note(run: &Value) -> String {
    let why = words::why(run);
    match run["progress_message"].as_str() {
        Some(message) if text(run, "status") == "Running" => message.to_owned(),
        _ if run["attempt"].as_i64() > Some(1) => {
            format!("attempt {} of {} {why}", run["attempt"], run["max_attempts"])
        }
        _ => why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_bar_says_how_far_it_is() {
        assert_eq!(
            bar(&json!({"status": "Running", "progress": 40})),
            format!("{}{}  40 %", "█".repeat(8), "░".repeat(12))
        );
        assert_eq!(bar(&json!({"status": "Running", "progress": null})), "");
        assert!(bar(&json!({"status": "Completed"})).ends_with("100 %"));
    }

    #[test]
    fn a_page_fits_its_window() {
        let mut state = State::default();
        for id in 0..50 {
            let run = json!({"run_id": format!("{id:036}"), "job_name": "a rather long name of a job ".repeat(5), "status": "Running", "progress": id});
            state.hear(&json!({"type": "run.progress", "data": {"run": run}}));
        }
        let plain = Terminal {
            interactive: true,
            colours: false,
            json: false,
        };
        for (width, height) in [(80, 24), (130, 10)] {
            let page = page(plain, &state, &Line::Live, "http://127.0.0.1:8080/", width, height);
            assert!(page.len() < height, "{} lines in {height}", page.len());
            assert!(page.iter().all(|row| crate::table::columns(row) <= width), "{page:#?}");
        }
    }
}
