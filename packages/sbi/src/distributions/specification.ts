export type {
  DistributionSpecification,
  FixedSpecification,
  PriorSpecification,
} from '@lensfield/contracts';
