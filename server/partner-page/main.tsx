import { render } from 'preact';
import './page.css';
import { PartnerPage } from './partner-page';

const root = document.getElementById('page');
if (root !== null) render(<PartnerPage />, root);
