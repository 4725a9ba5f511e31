//! A plan, drawn: for the terminal, as JSON, as a work list.
//!
//! Nothing is chosen or counted here; every number comes from [`crate::plan`].

mod json;
mod terminal;
pub(super) mod work_list;

pub use json::{PLAN_SCHEMA, json};
pub(super) use terminal::first;
pub use terminal::terminal;
pub use work_list::{WorkList, work_list};

use crate::evaluate::Assessment;
use crate::plan::Plan;

use super::text;

/// A plan and what it was made for.
#[derive(Clone, Copy)]
pub struct PlanReport<'a> {
    pub(super) assessment: &'a Assessment<'a>,
    pub(super) plan: &'a Plan,
}

/// In how many cases the users who are not ready fall; none if all are ready.
pub(super) fn cases(plan: &Plan) -> Option<String> {
    let others = plan.before.users - plan.before.ready;
    let cases = match plan.cases {
        1 => "1 case".to_owned(),
        cases => format!("{} cases", text::thousands(cases)),
    };
    (others > 0).then(|| {
        format!(
            "Not ready: {} in {cases}. What is done for one user of a case does the same for all of it.",
            text::users(others)
        )
    })
}

impl<'a> PlanReport<'a> {
    /// Puts both together; the plan must be that of the assessment.
    #[must_use]
    pub fn new(assessment: &'a Assessment<'a>, plan: &'a Plan) -> PlanReport<'a> {
        PlanReport { assessment, plan }
    }
}
