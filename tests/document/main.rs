//! The forms of a document, and that nothing in it becomes more than text.

mod forms;
mod hostile;
