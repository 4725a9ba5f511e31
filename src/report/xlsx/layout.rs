//! Which line stands on which sheet, in which row. All of it is known before the first is written.

use std::ops::Range;

use crate::rules::RuleIndex;

use super::super::summary::Report;

/// Rows of a sheet below its heads.
pub(super) const MOST_LINES: usize = 1_048_575;

/// Lines of one kind, in their order over all environments, and the sheets they fall on.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// By environment: its first line.
    first: Vec<usize>,
    /// By environment: lines of the environment itself, before those of its users.
    own: Vec<usize>,
    /// By environment, then by user: lines of the users before.
    before: Vec<Vec<u32>>,
    total: usize,
    /// Lines of a sheet.
    most: usize,
}

/// Where everything is.
pub(super) struct Layout {
    pub(super) users: Lines,
    pub(super) findings: Lines,
    /// By rule: its first finding.
    pub(super) first_finding: Vec<Option<usize>>,
}

impl Layout {
    /// With at most that many lines on a sheet.
    pub(super) fn of(report: &Report<'_>, most: usize) -> Layout {
        let mut first_finding = vec![None; report.assessment.rules.rules.len()];
        let (mut users, mut findings) = (Lines::new(most), Lines::new(most));
        for environment in &report.assessment.environments {
            let own: Vec<RuleIndex> = environment.told_rules_of_environment().collect();
            let start = findings.total;
            for (place, rule) in own.iter().enumerate() {
                first_finding[*rule].get_or_insert(start + place);
            }
            users.begin(0);
            findings.begin(own.len());
            for user in 0..environment.users() {
                let is_reported = environment.is_reported(user);
                users.add(usize::from(is_reported));
                let mut number = 0;
                if is_reported {
                    for rule in environment.told_rules(user) {
                        first_finding[rule].get_or_insert(findings.total + number);
                        number += 1;
                    }
                }
                findings.add(number);
            }
        }
        Layout {
            users,
            findings,
            first_finding,
        }
    }
}

impl Lines {
    fn new(most: usize) -> Lines {
        Lines {
            most,
            ..Lines::default()
        }
    }

    fn begin(&mut self, own: usize) {
        self.first.push(self.total);
        self.own.push(own);
        self.before.push(Vec::new());
        self.total += own;
    }

    /// The next user has that many lines.
    fn add(&mut self, lines: usize) {
        let (Some(before), Some(first), Some(own)) =
            (self.before.last_mut(), self.first.last(), self.own.last())
        else {
            return;
        };
        before.push((self.total - first - own) as u32);
        self.total += lines;
    }

    /// The most lines of a sheet.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// The lines of each sheet; there is at least one sheet.
    pub(super) fn sheets(&self) -> Vec<Range<usize>> {
        let number = self.total.div_ceil(self.most).max(1);
        (0..number)
            .map(|sheet| sheet * self.most..self.total.min((sheet + 1) * self.most))
            .collect()
    }

    /// Sheet (0 for the first) and row (1 for the heads) of a line.
    pub(super) fn place(&self, line: usize) -> (usize, usize) {
        (line / self.most, line % self.most + 2)
    }

    /// The environment's own first line.
    pub(super) fn own(&self, environment: usize) -> usize {
        self.first[environment]
    }

    /// The first line of a user, whether or not there is one.
    pub(super) fn of(&self, environment: usize, user: usize) -> usize {
        self.first[environment] + self.own[environment] + self.before[environment][user] as usize
    }

    /// The users of an environment who have some of these lines, and perhaps others who have none.
    pub(super) fn users_in(&self, environment: usize, lines: &Range<usize>) -> Range<usize> {
        let before = &self.before[environment];
        let start = self.first[environment] + self.own[environment];
        let first = lines.start.saturating_sub(start);
        let end = lines.end.saturating_sub(start);
        // The last user whose lines begin at or before the first of these may have it.
        let from = before.partition_point(|&lines| lines as usize <= first);
        from.saturating_sub(1)..before.partition_point(|&lines| (lines as usize) < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One environment with two findings of its own and users of that many lines.
    fn lines(most: usize, users: &[usize]) -> Lines {
        let mut lines = Lines::new(most);
        lines.begin(2);
        users.iter().for_each(|&number| lines.add(number));
        lines
    }

    #[test]
    fn a_sheet_that_is_full_is_continued_on_the_next() {
        let sheets = |lines: &Lines| -> Vec<(usize, usize)> {
            let sheets = lines.sheets().into_iter();
            sheets.map(|range| (range.start, range.end)).collect()
        };
        assert_eq!(sheets(&lines(10, &[])), [(0, 2)]);
        assert_eq!(sheets(&Lines::new(10)), [(0, 0)]);
        assert_eq!(sheets(&lines(4, &[2])), [(0, 4)]);
        assert_eq!(sheets(&lines(4, &[3])), [(0, 4), (4, 5)]);
        let lines = lines(4, &[1, 1, 1, 4, 2]);
        assert_eq!(lines.total, 11);
        assert_eq!(sheets(&lines), [(0, 4), (4, 8), (8, 11)]);
        assert_eq!(lines.place(0), (0, 2));
        assert_eq!(lines.place(3), (0, 5));
        assert_eq!(lines.place(4), (1, 2));
    }

    #[test]
    fn every_line_is_found_on_its_sheet() {
        for users in [&[1, 0, 0, 3, 0, 9, 0][..], &[0, 0], &[5], &[0, 1, 1, 1, 1, 1]] {
            for most in 1..8 {
                let lines = lines(most, users);
                let mut drawn = vec![0; lines.total];
                for sheet in lines.sheets() {
                    (0..2)
                        .filter(|line| sheet.contains(line))
                        .for_each(|line| drawn[line] += 1);
                    for user in lines.users_in(0, &sheet) {
                        let first = lines.of(0, user);
                        let own = first..first + users[user];
                        own.filter(|line| sheet.contains(line))
                            .for_each(|line| drawn[line] += 1);
                    }
                }
                assert!(
                    drawn.iter().all(|&times| times == 1),
                    "{users:?} {most}: {drawn:?}"
                );
            }
        }
    }
}
