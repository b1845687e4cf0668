"""A Spark session with two executors of one core and 1 GiB, each a process of its own, to which the package is shipped as
docs/spark.md says: the unpacked wheel in ``spark.archives``, and PYTHONPATH."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

PROBE = Path(__file__).parent / "probe"


def start(scratch: Path, archive: Path, probe_log: Path | None = None) -> Any:
    """Starts it. ``scratch``: for its temporary files; ``probe_log``: where workers note the models that they load."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["SPARK_WORKER_DIR"] = str(scratch / "worker")
    from pyspark.sql import SparkSession

    settings = {
        "spark.driver.memory": "1g",
        "spark.executor.memory": "1g",
        "spark.ui.enabled": "false",
        "spark.local.dir": str(scratch / "local"),
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.sql.shuffle.partitions": "4",
        # One task for each file.
        "spark.sql.files.openCostInBytes": str(64 << 20),
        "spark.sql.files.maxPartitionBytes": str(64 << 20),
        "spark.archives": f"{archive}#bayan_package",
        "spark.executorEnv.PYTHONPATH": "bayan_package",
    }
    if probe_log is not None:
        settings["spark.executorEnv.PYTHONPATH"] += f":{PROBE}"
        settings["spark.executorEnv.BAYAN_PROBE"] = str(probe_log)
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("bayan long tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def stop(spark: Any) -> None:
    """Stops it, and its JVM."""
    from pyspark import SparkContext

    spark.stop()
    gateway = SparkContext._gateway
    if gateway is not None:
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait(60)
        SparkContext._gateway = SparkContext._jvm = None
