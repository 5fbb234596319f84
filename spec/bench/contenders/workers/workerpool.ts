import { worker } from 'workerpool';
import { burn, echo, ends } from '../work';

worker({ burn, echo, ends });
