//! How many wrong labels does an audit find? 3 % of the sentences get one label flipped, at random.
//!
//!     cargo run --release --example flipped_labels [SHARE OF TOPICS] [SEED] [1: BY TOPIC]
//!
//! Prints how many of the flipped sentences stand in the first 1, 3, 5 and 10 % of the ranking, a random ranking's share in
//! brackets.

mod common;

use std::collections::HashSet;

use bayan::curate::{AuditParams, audit};
use bayan::train::{Silent, TrainParams};

const FLIPPED: f64 = 0.03;

fn main() -> Result<(), bayan::Error> {
    let mut annotations = common::some_topics(common::corpus("train")?, common::argument(1, 0.4));
    let seed = common::argument(2, 1.0) as u64;
    let schema = common::schema();
    let mut order: Vec<usize> = (0..annotations.len()).collect();
    order.sort_by(|&a, &b| common::draw(seed, &annotations[a].id).total_cmp(&common::draw(seed, &annotations[b].id)));
    let flips = (FLIPPED * annotations.len() as f64).round() as usize;
    let (mut flipped, mut added) = (HashSet::new(), HashSet::new());
    for &row in &order[..flips] {
        let annotation = &mut annotations[row];
        let number = common::draw(seed + 1000, &annotation.id) * schema.len() as f64;
        let label = &schema.names()[number as usize];
        flipped.insert(annotation.id.clone());
        if annotation.labels.contains(label) {
            annotation.labels.retain(|l| l != label);
        } else {
            annotation.labels.push(label.clone());
            added.insert(annotation.id.clone());
        }
    }
    let params = AuditParams {
        training: TrainParams {
            c_grid: vec![0.3, 1.0],
            tolerance: 1e-3,
            ..TrainParams::default()
        },
        by_topic: common::argument(3, 0.0) == 1.0,
        ..AuditParams::default()
    };
    let result = audit(&annotations, &[], Some(schema), &params, &Silent)?;
    println!(
        "{} sentences, {flips} flipped ({} given wrongly, {} taken away); {} suspects",
        result.sentences,
        added.len(),
        flips - added.len(),
        result.suspects.len()
    );
    for percent in [1, 3, 5, 10] {
        let first = result.sentences * percent / 100;
        let ranked = result.suspects.iter().take(first);
        let found: Vec<&String> = ranked.map(|s| &s.id).filter(|id| flipped.contains(*id)).collect();
        let given = found.iter().filter(|id| added.contains(**id)).count();
        println!(
            "first {percent:2} % ({first} sentences): {:.1} % of the flipped ones ({given} given wrongly, {} taken away) \
             [{percent} %]",
            100.0 * found.len() as f64 / flips as f64,
            found.len() - given
        );
    }
    Ok(())
}
