#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# An archive in 64 shards, a task of the array each: sbatch slurm-bulk.sh MANIFEST|DIR|URL OUT
# A task that is preempted, or whose node dies, is put back in line and goes on from its last part.
#SBATCH --job-name=assay-bulk
#SBATCH --array=0-63
#SBATCH --cpus-per-task=4
#SBATCH --mem=6G
#SBATCH --time=24:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=assay-bulk-%a.log
# SIGTERM a minute before the end of its time: what is being examined is finished and written.
#SBATCH --signal=TERM@60
set -euo pipefail
if [ $# -ne 2 ]; then
    echo "usage: sbatch slurm-bulk.sh MANIFEST|DIR|URL OUT" >&2
    exit 2
fi
status=0
srun assay bulk "$1" --out "$2" \
    --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" \
    --jobs "$SLURM_CPUS_PER_TASK" || status=$?
if [ "$status" -eq 3 ]; then
    scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"
fi
exit "$status"
