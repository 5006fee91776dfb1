"""What a worker can be asked to do. Fails when Celery's own tasks, which run others by name, are among it."""

from nurture.worker.celery_app import create_app
from nurture.worker.hint import DELIVER, SWEEP


def test_a_worker_knows_our_two_tasks_and_no_other(installation):
    app = create_app(installation.runtime.settings, "redis://127.0.0.1:1/0", lambda: installation.runtime)
    assert set(app.tasks) == {SWEEP, DELIVER}
