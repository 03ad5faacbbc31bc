/** What `require('@lensfield/kernels-native')` gives. */
declare const native: {
  /** Whether the addon was built and loads on this machine. */
  readonly available: boolean;
  /** Why it is not available. */
  readonly reason?: string;
  /** The C kernels by name; called through `@lensfield/kernels`, which checks arguments. */
  readonly addon?: {
    readonly signatures: string;
    setThreads(threads: number): void;
    readonly [kernel: string]: unknown;
  };
};
export = native;
