//! A plan, drawn: for the terminal, as JSON, as a work list.
//!
//! Nothing is chosen or counted here; every number comes from [`crate::plan`].

mod json;
mod terminal;
mod work_list;

pub use json::{PLAN_SCHEMA, json};
pub use terminal::terminal;
pub use work_list::{WorkList, work_list};

use crate::evaluate::Assessment;
use crate::plan::Plan;

/// A plan and what it was made for.
#[derive(Clone, Copy)]
pub struct PlanReport<'a> {
    pub(super) assessment: &'a Assessment<'a>,
    pub(super) plan: &'a Plan,
}

impl<'a> PlanReport<'a> {
    /// Puts both together; the plan must be that of the assessment.
    #[must_use]
    pub fn new(assessment: &'a Assessment<'a>, plan: &'a Plan) -> PlanReport<'a> {
        PlanReport { assessment, plan }
    }
}
