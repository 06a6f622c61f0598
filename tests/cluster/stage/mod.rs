//! What the stories need: Modelgate installed, an operator inside this process, a team's namespace, a
//! Prometheus that answers as told, and a way to compare how two stories ended.

pub mod ending;
pub mod installed;
pub mod line;
pub mod operator;
pub mod place;
pub mod prometheus;
pub mod store;
