/** The result of comparing one vector's expectation with our answer. */
export interface Judgement {
  /** Whether verdict, value or error class, and whatever else has to hold, are as the Go engine's. */
  readonly agrees: boolean;
  /** Whether the texts are the Go engine's; undefined when there are none, or none that can be compared. */
  readonly textsEqual?: boolean;
  readonly wanted: string;
  readonly got: string;
}
