//! What reports say: every sentence, in every form, to both audiences.

mod catalogue;
mod forms;
mod hostile;
mod manual;
mod secrecy;
mod world;
