//! Small tables. On a terminal the widest text column gives way; elsewhere nothing is cut.

use crate::{
    error::Result,
    terminal::{Colour, Terminal, harmless},
};

/// What a text column keeps at least when the terminal is narrow.
const NARROWEST: usize = 8;
const GAP: &str = "  ";

/// One cell.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    text: String,
    colour: Colour,
}

impl Cell {
    pub(crate) fn new(text: impl AsRef<str>) -> Self {
        Self::coloured(text, Colour::Plain)
    }

    pub(crate) fn coloured(text: impl AsRef<str>, colour: Colour) -> Self {
        Self {
            text: harmless(text.as_ref()),
            colour,
        }
    }

    /// A status word in its colour.
    pub(crate) fn status(word: &str) -> Self {
        Self::coloured(word, crate::terminal::status_colour(word))
    }
}

/// Headings and rows.
#[derive(Debug)]
pub(crate) struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub(crate) fn new(headings: &[&'static str]) -> Self {
        Self {
            headings: headings.to_vec(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// Writes it, or `nothing` to standard error where there are no rows.
    pub(crate) fn print(&self, terminal: Terminal, nothing: &str) -> Result<()> {
        if self.rows.is_empty() {
            eprintln!("{nothing}");
            return Ok(());
        }
        let width = terminal.size().map(|(columns, _)| columns);
        self.lines(terminal, width)
            .iter()
            .try_for_each(|line| terminal.line(line))
    }

    /// The lines, at most `width` columns wide as far as that is possible.
    pub(crate) fn lines(&self, terminal: Terminal, width: Option<usize>) -> Vec<String> {
        let widths = self.widths(width);
        let heading: Vec<_> = self
            .headings
            .iter()
            .map(|heading| Cell::coloured(heading, Colour::Bold))
            .collect();
        std::iter::once(&heading)
            .chain(&self.rows)
            .map(|row| {
                let cells: Vec<_> = row
                    .iter()
                    .zip(&widths)
                    .enumerate()
                    .map(|(index, (cell, width))| {
                        let text = cut(&cell.text, *width);
                        let last = index + 1 == row.len();
                        let blanks = if last { 0 } else { width.saturating_sub(columns(&text)) };
                        format!("{}{}", terminal.paint(cell.colour, &text), " ".repeat(blanks))
                    })
                    .collect();
                cells.join(GAP).trim_end().to_owned()
            })
            .collect()
    }

    fn widths(&self, limit: Option<usize>) -> Vec<usize> {
        let mut widths: Vec<usize> = (0..self.headings.len())
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                let longest = cells.map(|cell| columns(&cell.text)).max().unwrap_or_default();
                longest.max(columns(self.headings[column]))
            })
            .collect();
        let Some(limit) = limit else { return widths };
        // Ids are there to be copied: they are never cut.
        let may_shrink = |column: usize| !self.headings[column].ends_with("ID");
        loop {
            let total = widths.iter().sum::<usize>() + GAP.len() * widths.len().saturating_sub(1);
            let widest = (0..widths.len())
                .filter(|column| may_shrink(*column) && widths[*column] > NARROWEST)
                .max_by_key(|column| widths[*column]);
            match widest {
                Some(column) if total > limit => widths[column] -= 1,
                _ => return widths,
            }
        }
    }
}

/// The text, or its beginning and an ellipsis.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut used = 1;
    let kept: String = text
        .chars()
        .take_while(|c| {
            used += char_columns(*c);
            used <= width
        })
        .collect();
    format!("{kept}…")
}

/// How many columns of a terminal a text takes.
pub(crate) fn columns(text: &str) -> usize {
    text.chars().map(char_columns).sum()
}

/// East Asian wide characters and pictures take two; marks that combine take none.
fn char_columns(c: char) -> usize {
    match c {
        '\u{0300}'..='\u{036f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Terminal = Terminal {
        interactive: true,
        colours: false,
        json: false,
    };

    fn table() -> Table {
        let mut table = Table::new(&["ID", "STATUS", "NAME"]);
        table.row(vec![
            Cell::new("0123456789abcdef"),
            Cell::status("Failed"),
            Cell::new("a name that is much longer than the others"),
        ]);
        table.row(vec![Cell::new("1"), Cell::status("Completed"), Cell::new("b")]);
        table
    }

    #[test]
    fn columns_stand_below_each_other() {
        assert_eq!(
            table().lines(PLAIN, None),
            [
                "ID                STATUS     NAME",
                "0123456789abcdef  Failed     a name that is much longer than the others",
                "1                 Completed  b",
            ]
        );
    }

    #[test]
    fn a_narrow_terminal_cuts_names_and_never_ids() {
        let lines = table().lines(PLAIN, Some(45));
        assert_eq!(lines[1], "0123456789abcdef  Failed     a name that is …");
        assert!(table().lines(PLAIN, Some(10))[1].starts_with("0123456789abcdef  "));
    }

    #[test]
    fn colours_do_not_change_the_places() {
        let colourful = Terminal { colours: true, ..PLAIN };
        let lines = table().lines(colourful, None);
        assert!(lines[2].contains("\x1b[32mCompleted\x1b[0m  b"), "{lines:?}");
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(columns("夜間"), 4);
        assert_eq!(cut("夜間報告", 5), "夜間…");
    }

    #[test]
    fn what_others_wrote_cannot_steer_the_terminal() {
        let mut table = Table::new(&["NAME"]);
        table.row(vec![Cell::new("a\x1b[2Jb\nc")]);
        assert_eq!(table.lines(PLAIN, None)[1], "a\u{fffd}[2Jb\u{fffd}c");
    }
}
