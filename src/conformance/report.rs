use std::fmt;

/// What a suite found out about an implementation: named checks, each passed or failed with the
/// reason.
///
/// A suite does not panic. In a test:
///
/// ```
/// use dcv::conformance::Report;
///
/// let mut report = Report::new("my lookup");
/// report.record("answers", Ok(()));
/// assert!(report.is_conforming(), "{report}");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a report says whether the checks passed"]
pub struct Report {
    subject: String,
    checks: Vec<CheckResult>,
}

impl Report {
    /// A report on `subject`, without any checks yet.
    pub fn new(subject: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            checks: Vec::new(),
        }
    }

    /// Adds a check, with the reason when it failed.
    pub fn record(&mut self, name: &'static str, result: Result<(), String>) {
        self.checks.push(CheckResult { name, result });
    }

    /// Whether checks were made and all of them passed.
    #[must_use]
    pub fn is_conforming(&self) -> bool {
        !self.checks.is_empty() && self.failures().next().is_none()
    }

    /// All checks, in the order they were made.
    #[must_use]
    pub fn checks(&self) -> &[CheckResult] {
        &self.checks
    }

    /// The checks that failed.
    pub fn failures(&self) -> impl Iterator<Item = &CheckResult> {
        self.checks.iter().filter(|check| !check.is_passed())
    }
}

/// One check a line, the failed ones with the reason.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed = self.failures().count();
        write!(
            f,
            "{}: {} checks, {failed} failed",
            self.subject,
            self.checks.len()
        )?;
        for check in &self.checks {
            match &check.result {
                Ok(()) => write!(f, "\n  passed  {}", check.name)?,
                Err(reason) => write!(f, "\n  FAILED  {}: {reason}", check.name)?,
            }
        }
        Ok(())
    }
}

/// One check of a suite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckResult {
    name: &'static str,
    result: Result<(), String>,
}

impl CheckResult {
    /// What was checked.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Whether it passed.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        self.result.is_ok()
    }

    /// Why it failed.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.result.as_ref().err().map(String::as_str)
    }
}
