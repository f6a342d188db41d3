/** How often an operator is told again that what is on disk does not serve, in milliseconds. */
const reminderMs = 60_000;

/** Repeats a report for as long as its cause lasts. */
export interface Reminder {
  /** Reports now and each minute from now on, in place of what was reported before. */
  begin(report: () => void): void;
  /** Stops reporting. */
  end(): void;
}

/** Returns a reminder that has nothing to report; its timer does not keep the process alive. */
export function createReminder(): Reminder {
  let timer: NodeJS.Timeout | undefined;
  return {
    begin(report) {
      clearInterval(timer);
      report();
      timer = setInterval(report, reminderMs);
      timer.unref();
    },
    end() {
      clearInterval(timer);
    },
  };
}
