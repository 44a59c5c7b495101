"""Pictures as plain data: pure layout here, templates under templates/dashboards/charts."""
