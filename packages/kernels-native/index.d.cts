/** Whether the addon was built and loads on this machine. */
export declare const available: boolean;

/** Why it is not available. */
export declare const reason: string | undefined;

/** The C kernels by name; called through `@lensfield/kernels`, which checks arguments. */
export declare const addon:
  | {
      readonly signatures: string;
      setThreads(threads: number): void;
      readonly [kernel: string]: unknown;
    }
  | undefined;
