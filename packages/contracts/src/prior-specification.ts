/** A distribution of one parameter as plain data, the form that a YAML or JSON file holds. */
export type DistributionSpecification =
  | { readonly distribution: 'normal'; readonly mean: number; readonly sd: number }
  | {
      readonly distribution: 'truncatedNormal';
      readonly mean: number;
      readonly sd: number;
      readonly low?: number;
      readonly high?: number;
    }
  | { readonly distribution: 'uniform'; readonly low: number; readonly high: number }
  | { readonly distribution: 'logNormal'; readonly meanLog: number; readonly sdLog: number };

/** A parameter that is held at one value. */
export interface FixedSpecification {
  readonly distribution: 'fixed';
  readonly value: number;
}

/** A joint prior as plain data: each parameter, in the order of theta, has a distribution or is fixed. */
export type PriorSpecification = Readonly<Record<string, DistributionSpecification | FixedSpecification>>;
