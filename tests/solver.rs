//! Our solver against `linfa-logistic` on small dense problems, and against itself in another order.

use bayan::features::SparseVector;
use bayan::linear::{ClassWeight, CsrMatrix, FittedLogistic, LogisticParams, SolverKind};
use proptest::prelude::*;

type Problem = (Vec<Vec<f32>>, Vec<bool>);

fn problem() -> impl Strategy<Value = Problem> {
    (2usize..6, 8usize..40)
        .prop_flat_map(|(columns, rows)| {
            let row = prop::collection::vec(prop_oneof![Just(0.0f32), -3.0f32..3.0], columns);
            (
                prop::collection::vec(row, rows),
                prop::collection::vec(any::<bool>(), rows),
            )
        })
        .prop_filter("both classes", |(_, y)| y.contains(&true) && y.contains(&false))
}

fn matrix(rows: &[Vec<f32>]) -> CsrMatrix {
    let columns = rows[0].len();
    let sparse = rows.iter().map(|row| {
        let stored: Vec<(u32, f32)> = (0u32..).zip(row.iter().copied()).filter(|&(_, v)| v != 0.0).collect();
        SparseVector {
            indices: stored.iter().map(|s| s.0).collect(),
            values: stored.iter().map(|s| s.1).collect(),
        }
    });
    CsrMatrix::from_rows(sparse, columns)
}

fn fit(rows: &[Vec<f32>], targets: &[bool], params: LogisticParams) -> FittedLogistic {
    let all: Vec<usize> = (0..rows.len()).collect();
    params.check().unwrap().fit(&matrix(rows), &all, targets, None).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn same_optimum_as_linfa_logistic((rows, targets) in problem(), c in 0.05f64..5.0) {
        let params = LogisticParams { c, tolerance: 1e-7, ..LogisticParams::default() };
        let ours = fit(&rows, &targets, params.clone());
        let theirs = fit(&rows, &targets, LogisticParams { solver: SolverKind::Linfa, ..params });
        // A few problems end where floating point has no lower loss; their gradient is as good as nought.
        let ends_well = ours.convergence.converged || ours.convergence.gradient_norm < 1e-5;
        prop_assert!(ends_well, "{:?}", ours.convergence);
        prop_assert!(ours.convergence.loss <= theirs.convergence.loss + 1e-7, "{} {}", ours.convergence.loss, theirs.convergence.loss);
        for (a, b) in ours.parameters.iter().zip(&theirs.parameters) {
            prop_assert!((a - b).abs() < 1e-3, "{a} {b}");
        }
    }

    #[test]
    fn order_of_rows_and_columns_does_not_matter((rows, targets) in problem()) {
        let params = LogisticParams { tolerance: 1e-7, ..LogisticParams::default() };
        let straight = fit(&rows, &targets, params.clone());
        let turned: Vec<Vec<f32>> = rows.iter().rev().map(|row| row.iter().rev().copied().collect()).collect();
        let turned_targets: Vec<bool> = targets.iter().rev().copied().collect();
        let turned = fit(&turned, &turned_targets, params);
        for (a, b) in straight.weights().iter().zip(turned.weights().iter().rev()) {
            prop_assert!((a - b).abs() < 1e-6, "{a} {b}");
        }
        prop_assert!((straight.intercept() - turned.intercept()).abs() < 1e-6);
    }

    #[test]
    fn a_class_weight_is_worth_as_many_copies((rows, targets) in problem()) {
        let weighted = LogisticParams { class_weight: ClassWeight::Positive(3.0), tolerance: 1e-7, ..LogisticParams::default() };
        let ours = fit(&rows, &targets, weighted.clone());
        let copies = |i: usize| if targets[i] { 3 } else { 1 };
        let index: Vec<usize> = (0..rows.len()).flat_map(|i| std::iter::repeat_n(i, copies(i))).collect();
        let repeated: Vec<Vec<f32>> = index.iter().map(|&i| rows[i].clone()).collect();
        let repeated_targets: Vec<bool> = index.iter().map(|&i| targets[i]).collect();
        let plain = fit(&repeated, &repeated_targets, LogisticParams { class_weight: ClassWeight::None, ..weighted });
        for (a, b) in ours.parameters.iter().zip(&plain.parameters) {
            prop_assert!((a - b).abs() < 1e-6, "{a} {b}");
        }
    }

    #[test]
    fn a_warm_start_ends_at_the_same_optimum((rows, targets) in problem(), start in prop::collection::vec(-2.0f64..2.0, 6)) {
        let params = LogisticParams { tolerance: 1e-7, ..LogisticParams::default() };
        let cold = fit(&rows, &targets, params.clone());
        let all: Vec<usize> = (0..rows.len()).collect();
        let start = &start[..=rows[0].len()];
        let warm = params.check().unwrap().fit(&matrix(&rows), &all, &targets, Some(start)).unwrap();
        for (a, b) in cold.parameters.iter().zip(&warm.parameters) {
            prop_assert!((a - b).abs() < 1e-6, "{a} {b}");
        }
    }
}

#[test]
fn a_fit_that_is_stopped_says_so() {
    let rows: Vec<Vec<f32>> = (0..20).map(|i| vec![i as f32, (i * i % 7) as f32]).collect();
    let targets: Vec<bool> = (0..20).map(|i| i % 3 == 0).collect();
    let stopped = fit(
        &rows,
        &targets,
        LogisticParams {
            max_iterations: 1,
            tolerance: 1e-12,
            ..LogisticParams::default()
        },
    );
    assert!(!stopped.convergence.converged);
    assert_eq!(stopped.convergence.iterations, 1);
    assert!(stopped.convergence.gradient_norm > stopped.convergence.gradient_goal);
}

#[test]
fn bad_parameters_and_single_classes_are_refused() {
    for params in [
        LogisticParams {
            c: 0.0,
            ..LogisticParams::default()
        },
        LogisticParams {
            c: f64::NAN,
            ..LogisticParams::default()
        },
        LogisticParams {
            tolerance: 1.0,
            ..LogisticParams::default()
        },
        LogisticParams {
            max_iterations: 0,
            ..LogisticParams::default()
        },
        LogisticParams {
            class_weight: ClassWeight::Positive(-1.0),
            ..LogisticParams::default()
        },
    ] {
        assert!(params.clone().check().is_err(), "{params:?}");
    }
    let single =
        LogisticParams::default()
            .check()
            .unwrap()
            .fit(&matrix(&[vec![1.0], vec![2.0]]), &[0, 1], &[true, true], None);
    assert!(single.unwrap_err().to_string().contains("both classes"));
}
