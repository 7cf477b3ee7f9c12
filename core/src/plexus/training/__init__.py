"""What only training needs: everything here imports Keras."""
